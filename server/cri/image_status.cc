#include "base/json.h"
#include "server/cri/convert_image.h"
#include "server/cri/image_service.h"

namespace onggi {
namespace {

std::string Info(ImageService& images, const Image& image) {
  Json info;
  info["chainID"] = image.top_layer;
  info["manifestDigest"] = image.manifest_digest;
  auto text = images.ConfigJson(image.id);
  // An image that was removed meanwhile has no configuration any more.
  auto config = text ? ParseJson(*text, {.bytes = 8 << 20}) : Result<Json>(Json());
  if (config) info["imageSpec"] = std::move(*config);
  return DumpJson(info);
}

}  // namespace

grpc::Status CriImageService::ImageStatus(grpc::ServerContext* context,
                                          const cri::ImageStatusRequest* request,
                                          cri::ImageStatusResponse* response) {
  const std::string& name = request->image().image();
  return Serve({node_, context, "ImageStatus", name, RpcKind::kRead}, [&]() -> Result<> {
    if (name.empty()) return InvalidArgument("image: expected a name, digest or id");
    Result<Image> image = node_.images.Find(name);
    // Absence is an answer here: OK without an image.
    if (!image && image.error().code() == Code::kNotFound) return Ok();
    if (!image) return std::move(image.error());
    ImageToCri(*image, response->mutable_image());
    if (request->verbose()) (*response->mutable_info())["info"] = Info(node_.images, *image);
    return Ok();
  });
}

}  // namespace onggi
