#include "server/cri/convert_image.h"
#include "server/cri/image_service.h"

namespace onggi {

grpc::Status CriImageService::PullImage(grpc::ServerContext* context,
                                        const cri::PullImageRequest* request,
                                        cri::PullImageResponse* response) {
  const std::string& name = request->image().image();
  return Serve({node_, context, "PullImage", name}, [&](const CancelToken& cancel) -> Result<> {
    if (name.empty()) return InvalidArgument("image: expected a name");
    PullOptions options;
    options.reference = name;
    if (request->has_auth()) options.auth = AuthFromCri(request->auth());
    options.cancel = cancel;
    TRY_ASSIGN(std::string id, node_.images.Pull(options));
    response->set_image_ref(std::move(id));
    return Ok();
  });
}

}  // namespace onggi
