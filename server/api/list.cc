#include <map>

#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {
namespace {

// Whether one of the image's names is REPOSITORY, as people write it: all of it, or its last parts.
bool IsOf(const Image& image, const std::string& repository) {
  for (const std::string& name : image.repo_tags) {
    std::string own = name.substr(0, name.rfind(':'));
    if (own == repository || name == repository) return true;
    if (own.size() > repository.size() &&
        own.compare(own.size() - repository.size() - 1, std::string::npos, "/" + repository) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

grpc::Status ImageApi::List(grpc::ServerContext* context, const v1::ListRequest* request,
                            v1::ListResponse* response) {
  return Serve({node_, context, "List", request->repository(), RpcKind::kRead}, [&]() -> Result<> {
    std::map<std::string, uint64_t> containers;
    for (const auto& container : node_.engine.ListContainersShared({})) {
      ++containers[container->image_id];
    }
    for (const Image& image : node_.images.List()) {
      if (!request->repository().empty() && !IsOf(image, request->repository())) continue;
      ImageToApi(image, containers[image.id], response->add_images());
    }
    return Ok();
  });
}

}  // namespace onggi
