// ContainerService: onggi.v1's streams of containers. One RPC per file beside this one.
//
// Thread-safety: gRPC calls it from many threads.
#pragma once

#include "proto/onggi/v1/containers.grpc.pb.h"
#include "server/node.h"

namespace onggi {

class ContainerApi final : public v1::ContainerService::Service {
 public:
  explicit ContainerApi(Node& node) : node_(node) {}

  grpc::Status Logs(grpc::ServerContext* context, const v1::LogsRequest* request,
                    grpc::ServerWriter<v1::LogChunk>* writer) override;
  grpc::Status Wait(grpc::ServerContext* context, const v1::WaitRequest* request,
                    v1::WaitResponse* response) override;
  using Stream = grpc::ServerReaderWriter<v1::Output, v1::Input>;
  grpc::Status Exec(grpc::ServerContext* context, Stream* stream) override;
  grpc::Status Attach(grpc::ServerContext* context, Stream* stream) override;

 private:
  Node& node_;
};

}  // namespace onggi
