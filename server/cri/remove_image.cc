#include "server/cri/image_service.h"

namespace onggi {

grpc::Status CriImageService::RemoveImage(grpc::ServerContext* context,
                                          const cri::RemoveImageRequest* request,
                                          cri::RemoveImageResponse*) {
  const std::string& name = request->image().image();
  return Serve({node_, context, "RemoveImage", name}, [&]() -> Result<> {
    if (name.empty()) return InvalidArgument("image: expected a name, digest or id");
    return node_.images.Remove(name);
  });
}

}  // namespace onggi
