#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Push(grpc::ServerContext* context, const v1::PushRequest* request,
                            grpc::ServerWriter<v1::PushResponse>* writer) {
  return Serve({node_, context, "Push", request->reference()},
               [&](const CancelToken& cancel) -> Result<> {
                 TRY_ASSIGN(ImageVerbs * verbs, Verbs("Push"));
                 ProgressSink<v1::PushResponse> sink(*writer, request->reference());
                 RegistryAuth auth = AuthFromApi(request->auth());
                 PushOptions options;
                 options.reference = request->reference();
                 if (request->has_auth()) options.auth = &auth;
                 options.on_progress = [&sink](const PullProgress& now) { sink.Tell(now); };
                 options.cancel = cancel;
                 TRY_ASSIGN(std::string digest, verbs->Push(options));
                 v1::PushResponse last;
                 last.set_digest(std::move(digest));
                 sink.Write(last);
                 return Ok();
               });
}

}  // namespace onggi
