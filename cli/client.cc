#include "cli/client.h"

#include <unistd.h>

#include "cli/context.h"

namespace onggi::cli {

Client::Client(const std::string& socket) : socket_(socket) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  auto channel =
      grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
  runtime_ = runtime::v1::RuntimeService::NewStub(channel);
  images_cri_ = runtime::v1::ImageService::NewStub(channel);
  images_ = v1::ImageService::NewStub(channel);
  containers_ = v1::ContainerService::NewStub(channel);
  system_ = v1::SystemService::NewStub(channel);
}

Result<> Client::Check(const grpc::Status& status) const {
  if (status.ok()) return Ok();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
      access(socket_.c_str(), R_OK | W_OK) != 0) {
    if (errno == EACCES) {
      return Unavailable("no permission for " + socket_ +
                         ": run as root, or join the group of the socket");
    }
    return Unavailable("no daemon at " + socket_ +
                       ": start it (systemctl start onggid), or name its socket with --socket or "
                       "ONGGI_SOCKET");
  }
  return Error(static_cast<Code>(status.error_code()), status.error_message());
}

}  // namespace onggi::cli
