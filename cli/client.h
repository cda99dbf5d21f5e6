// Client: the stubs of the daemon's services over its unix socket, and gRPC status turned back into
// Error.
//
// Thread-safety: stubs may be used from any thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "proto/onggi/v1/containers.grpc.pb.h"
#include "proto/onggi/v1/images.grpc.pb.h"
#include "proto/onggi/v1/system.grpc.pb.h"
#include "proto/runtime/v1/api.grpc.pb.h"

namespace onggi::cli {

class Client {
 public:
  explicit Client(const std::string& socket);

  runtime::v1::RuntimeService::Stub& runtime() { return *runtime_; }
  runtime::v1::ImageService::Stub& images_cri() { return *images_cri_; }
  v1::ImageService::Stub& images() { return *images_; }
  v1::ContainerService::Stub& containers() { return *containers_; }
  v1::SystemService::Stub& system() { return *system_; }

  // The status of a finished call: ok, or an Error with the daemon's message.
  Result<> Check(const grpc::Status& status) const;

 private:
  std::string socket_;
  std::unique_ptr<runtime::v1::RuntimeService::Stub> runtime_;
  std::unique_ptr<runtime::v1::ImageService::Stub> images_cri_;
  std::unique_ptr<v1::ImageService::Stub> images_;
  std::unique_ptr<v1::ContainerService::Stub> containers_;
  std::unique_ptr<v1::SystemService::Stub> system_;
};

}  // namespace onggi::cli
