#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Prune(grpc::ServerContext* context, const v1::PruneRequest* request,
                             v1::PruneResponse* response) {
  return Serve({node_, context, "Prune"}, [&]() -> Result<> {
    TRY_ASSIGN(ImageVerbs * verbs, Verbs("Prune"));
    PruneOptions options;
    options.all = request->all();
    options.filters = {request->filters().begin(), request->filters().end()};
    TRY_ASSIGN(PruneResult result, verbs->Prune(options));
    for (const std::string& id : result.deleted) response->add_deleted(id);
    response->set_freed_bytes(result.freed_bytes);
    return Ok();
  });
}

}  // namespace onggi
