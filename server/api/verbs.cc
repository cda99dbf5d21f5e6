#include "server/api/image_service.h"

namespace onggi {

Result<ImageVerbs*> ImageApi::Verbs(std::string_view method) {
  ImageVerbs* verbs = node_.images.verbs();
  if (verbs != nullptr) return verbs;
  return Unimplemented(std::string(method) + " is not offered by onggid " ONGGI_VERSION);
}

}  // namespace onggi
