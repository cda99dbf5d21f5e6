#include "image/image_verbs.h"
#include "server/api/system_service.h"

namespace onggi {

grpc::Status SystemApi::Gc(grpc::ServerContext* context, const v1::GcRequest* request,
                           v1::GcResponse* response) {
  return Serve({node_, context, "Gc"}, [&]() -> Result<> {
    ImageVerbs* verbs = node_.images.verbs();
    if (verbs == nullptr) {
      return Unimplemented("Gc is not offered by onggid " ONGGI_VERSION);
    }
    PruneOptions options;
    options.dry_run = request->dry_run();
    TRY_ASSIGN(PruneResult result, verbs->Prune(options));
    for (const std::string& id : result.deleted) response->add_removed(id);
    response->set_freed_bytes(result.freed_bytes);
    return Ok();
  });
}

}  // namespace onggi
