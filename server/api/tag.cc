#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Tag(grpc::ServerContext* context, const v1::TagRequest* request,
                           v1::TagResponse*) {
  return Serve({node_, context, "Tag", request->target()}, [&]() -> Result<> {
    TRY_ASSIGN(ImageVerbs * verbs, Verbs("Tag"));
    return verbs->Tag(request->source(), request->target());
  });
}

}  // namespace onggi
