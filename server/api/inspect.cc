#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Inspect(grpc::ServerContext* context, const v1::InspectRequest* request,
                               v1::InspectResponse* response) {
  return Serve({node_, context, "Inspect", request->reference(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(Image image, node_.images.Find(request->reference()));
                 uint64_t containers = 0;
                 for (const auto& container : node_.engine.ListContainersShared({})) {
                   containers += container->image_id == image.id ? 1 : 0;
                 }
                 ImageToApi(image, containers, response->mutable_image());
                 TRY_ASSIGN(std::string config, node_.images.ConfigJson(image.id));
                 response->mutable_image()->set_config_json(std::move(config));
                 return Ok();
               });
}

}  // namespace onggi
