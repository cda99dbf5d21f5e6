#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::History(grpc::ServerContext* context, const v1::HistoryRequest* request,
                               v1::HistoryResponse* response) {
  return Serve(
      {node_, context, "History", request->reference(), RpcKind::kRead}, [&]() -> Result<> {
        TRY_ASSIGN(ImageVerbs * verbs, Verbs("History"));
        TRY_ASSIGN(std::vector<HistoryEntry> entries, verbs->History(request->reference()));
        for (const HistoryEntry& entry : entries) {
          v1::HistoryEntry* out = response->add_entries();
          out->set_created(entry.created);
          out->set_created_by(entry.created_by);
          out->set_comment(entry.comment);
          out->set_empty_layer(entry.empty_layer);
          out->set_size_bytes(entry.size_bytes);
        }
        return Ok();
      });
}

}  // namespace onggi
