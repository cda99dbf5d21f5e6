#include "image/platform.h"
#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {
namespace {

Result<> PullOne(ImageService& images, PullOptions options,
                 grpc::ServerWriter<v1::PullResponse>& writer) {
  ProgressSink<v1::PullResponse> sink(writer, options.reference);
  options.on_progress = [&sink](const PullProgress& progress) { sink.Tell(progress); };
  TRY_ASSIGN(std::string id, images.Pull(options));
  v1::PullResponse last;
  last.set_image_id(std::move(id));
  sink.Write(last);
  return Ok();
}

}  // namespace

grpc::Status ImageApi::Pull(grpc::ServerContext* context, const v1::PullRequest* request,
                            grpc::ServerWriter<v1::PullResponse>* writer) {
  return Serve({node_, context, "Pull", request->reference()},
               [&](const CancelToken& cancel) -> Result<> {
                 PullOptions options;
                 options.reference = request->reference();
                 options.cancel = cancel;
                 if (request->has_auth()) options.auth = AuthFromApi(request->auth());
                 if (!request->platform().empty()) {
                   TRY_ASSIGN(options.platform, ParsePlatform(request->platform()));
                 }
                 if (!request->all_tags()) return PullOne(node_.images, options, *writer);
                 TRY_ASSIGN(ImageVerbs * verbs, Verbs("Pull of all tags"));
                 const RegistryAuth* auth = options.auth ? &*options.auth : nullptr;
                 TRY_ASSIGN(std::vector<std::string> tags,
                            verbs->RemoteTags(request->reference(), auth, cancel));
                 for (const std::string& tag : tags) {
                   options.reference = request->reference() + ":" + tag;
                   TRY(PullOne(node_.images, options, *writer));
                 }
                 return Ok();
               });
}

}  // namespace onggi
