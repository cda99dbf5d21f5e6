#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Explain(grpc::ServerContext* context, const v1::ExplainRequest* request,
                               v1::ExplainResponse* response) {
  return Serve(
      {node_, context, "Explain", request->reference(), RpcKind::kRead}, [&]() -> Result<> {
        TRY_ASSIGN(ImageVerbs * verbs, Verbs("Explain"));
        RegistryAuth auth = AuthFromApi(request->auth());
        TRY_ASSIGN(std::vector<ExplainStep> steps,
                   verbs->Explain(request->reference(), request->has_auth() ? &auth : nullptr));
        for (const ExplainStep& step : steps) {
          v1::ExplainStep* out = response->add_steps();
          out->set_endpoint(step.endpoint);
          out->set_credentials(step.credentials);
          out->set_answer(step.answer);
        }
        return Ok();
      });
}

}  // namespace onggi
