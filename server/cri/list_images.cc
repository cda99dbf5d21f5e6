#include "server/cri/convert_image.h"
#include "server/cri/image_list.h"
#include "server/cri/image_service.h"

namespace onggi {

grpc::Status CriImageService::ListImages(grpc::ServerContext* context,
                                         const cri::ListImagesRequest* request,
                                         cri::ListImagesResponse* response) {
  return Serve({node_, context, "ListImages", request->filter().image().image(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(std::vector<Image> images,
                            ListMatching(node_.images, request->filter()));
                 for (const Image& image : images) ImageToCri(image, response->add_images());
                 return Ok();
               });
}

}  // namespace onggi
