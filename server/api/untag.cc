#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Untag(grpc::ServerContext* context, const v1::UntagRequest* request,
                             v1::UntagResponse*) {
  return Serve({node_, context, "Untag", request->reference()}, [&]() -> Result<> {
    TRY_ASSIGN(ImageVerbs * verbs, Verbs("Untag"));
    TRY(verbs->Untag(request->reference()));
    return Ok();
  });
}

}  // namespace onggi
