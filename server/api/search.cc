#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Search(grpc::ServerContext* context, const v1::SearchRequest* request,
                              v1::SearchResponse* response) {
  return Serve({node_, context, "Search", request->term(), RpcKind::kRead},
               [&](const CancelToken& cancel) -> Result<> {
                 TRY_ASSIGN(ImageVerbs * verbs, Verbs("Search"));
                 RegistryAuth auth = AuthFromApi(request->auth());
                 SearchOptions options;
                 options.term = request->term();
                 if (request->limit() > 0) options.limit = request->limit();
                 if (request->has_auth()) options.auth = &auth;
                 options.cancel = cancel;
                 TRY_ASSIGN(std::vector<SearchHit> hits, verbs->Search(options));
                 for (const SearchHit& hit : hits) {
                   v1::SearchHit* out = response->add_hits();
                   out->set_name(hit.name);
                   out->set_description(hit.description);
                   out->set_stars(hit.stars);
                   out->set_official(hit.official);
                 }
                 return Ok();
               });
}

}  // namespace onggi
