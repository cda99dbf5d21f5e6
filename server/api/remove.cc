#include "server/api/image_service.h"

namespace onggi {
namespace {

// "sha256:3f2a...", "3f2a": an id or a prefix of one, not a name.
bool IsIdOf(const std::string& reference, const Image& image) {
  if (image.id.compare(0, reference.size(), reference) == 0) return true;
  constexpr size_t kAlgorithm = sizeof("sha256:") - 1;
  return image.id.size() > kAlgorithm &&
         image.id.compare(kAlgorithm, reference.size(), reference) == 0;
}

Result<> CheckUnused(Engine& engine, const Image& image) {
  for (const auto& container : engine.ListContainersShared({})) {
    if (container->image_id != image.id) continue;
    return FailedPrecondition("container " + container->id.substr(0, 12) +
                              " stands on the image: remove it first, or force");
  }
  return Ok();
}

}  // namespace

grpc::Status ImageApi::Remove(grpc::ServerContext* context, const v1::RemoveRequest* request,
                              v1::RemoveResponse* response) {
  const std::string& reference = request->reference();
  return Serve({node_, context, "Remove", reference}, [&]() -> Result<> {
    TRY_ASSIGN(Image image, node_.images.Find(reference));
    bool by_id = IsIdOf(reference, image);
    size_t names = image.repo_tags.size();
    if (by_id && names > 1 && !request->force()) {
      return FailedPrecondition("the image has " + std::to_string(names) +
                                " names: remove them one by one, or force");
    }
    bool goes = by_id || names <= 1;
    if (goes && !request->force()) TRY(CheckUnused(node_.engine, image));
    if (goes || node_.images.verbs() == nullptr) {
      TRY(node_.images.Remove(image.id));
      for (const std::string& tag : image.repo_tags) response->add_untagged(tag);
      response->set_deleted_id(image.id);
      return Ok();
    }
    TRY_ASSIGN(UntagResult result, node_.images.verbs()->Untag(reference));
    response->add_untagged(reference);
    if (result.removed) response->set_deleted_id(result.id);
    return Ok();
  });
}

}  // namespace onggi
