#include "server/cri/convert_image.h"

#include "base/strings.h"

namespace onggi {

void ImageUserToCri(const std::string& user, cri::Image* to) {
  std::string name = user.substr(0, user.find(':'));
  if (name.empty()) return;
  auto uid = ParseUint(name);
  if (uid && *uid <= INT64_MAX) {
    to->mutable_uid()->set_value(static_cast<int64_t>(*uid));
  } else {
    to->set_username(name);
  }
}

void ImageToCri(const Image& from, cri::Image* to) {
  to->set_id(from.id);
  StringsToCri(from.repo_tags, to->mutable_repo_tags());
  StringsToCri(from.repo_digests, to->mutable_repo_digests());
  to->set_size(from.size_bytes);
  ImageUserToCri(from.config.user, to);
  to->mutable_spec()->set_image(from.id);
  to->set_pinned(from.pinned);
}

RegistryAuth AuthFromCri(const cri::AuthConfig& from) {
  RegistryAuth to;
  to.username = from.username();
  to.password = Secret(from.password());
  to.identity_token = Secret(from.identity_token());
  to.auth = Secret(from.auth());
  to.registry_token = Secret(from.registry_token());
  to.server_address = from.server_address();
  return to;
}

}  // namespace onggi
