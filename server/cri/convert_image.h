// Images, their users and credentials between CRI and image room.
//
// Thread-safety: free functions.
#pragma once

#include "image/image_service.h"
#include "server/cri/convert_common.h"

namespace onggi {

void ImageToCri(const Image& from, cri::Image* to);

// The user of an image config ("", "1000", "1000:1000", "web", "web:www") as CRI has it: uid for a
// number, username for a name, neither for "".
void ImageUserToCri(const std::string& user, cri::Image* to);

RegistryAuth AuthFromCri(const cri::AuthConfig& from);

}  // namespace onggi
