#include "server/cri/convert_image.h"
#include "server/cri/image_list.h"
#include "server/cri/image_service.h"
#include "server/cri/stream_items.h"

namespace onggi {

grpc::Status CriImageService::StreamImages(grpc::ServerContext* context,
                                           const cri::StreamImagesRequest* request,
                                           grpc::ServerWriter<cri::StreamImagesResponse>* writer) {
  return Serve(
      {node_, context, "StreamImages", request->filter().image().image(), RpcKind::kRead},
      [&]() -> Result<> {
        TRY_ASSIGN(std::vector<Image> items, ListMatching(node_.images, request->filter()));
        return StreamItems(items, *writer, [](const auto& item, cri::StreamImagesResponse& part) {
          ImageToCri(item, part.add_images());
        });
      });
}

}  // namespace onggi
