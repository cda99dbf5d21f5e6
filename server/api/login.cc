#include "server/api/convert_image.h"
#include "server/api/image_service.h"

namespace onggi {

grpc::Status ImageApi::Login(grpc::ServerContext* context, const v1::LoginRequest* request,
                             v1::LoginResponse* response) {
  const std::string& host = request->auth().server_address();
  return Serve({node_, context, "Login", host, RpcKind::kRead}, [&]() -> Result<> {
    TRY_ASSIGN(ImageVerbs * verbs, Verbs("Login"));
    TRY_ASSIGN(std::string message, verbs->Login(host, AuthFromApi(request->auth())));
    response->set_message(std::move(message));
    return Ok();
  });
}

}  // namespace onggi
