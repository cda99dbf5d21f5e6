// SystemApi: onggi.v1's SystemService, the node as a whole. One RPC per file beside this one.
//
// Thread-safety: gRPC calls it from many threads.
#pragma once

#include "proto/onggi/v1/system.grpc.pb.h"
#include "server/rpc.h"

namespace onggi {

class SystemApi final : public v1::SystemService::Service {
 public:
  explicit SystemApi(Node& node) : node_(node) {}

  grpc::Status Version(grpc::ServerContext* context, const v1::VersionRequest* request,
                       v1::VersionResponse* response) override;
  grpc::Status Info(grpc::ServerContext* context, const v1::InfoRequest* request,
                    v1::InfoResponse* response) override;
  grpc::Status DiskUsage(grpc::ServerContext* context, const v1::DiskUsageRequest* request,
                         v1::DiskUsageResponse* response) override;
  grpc::Status Gc(grpc::ServerContext* context, const v1::GcRequest* request,
                  v1::GcResponse* response) override;
  grpc::Status Events(grpc::ServerContext* context, const v1::EventsRequest* request,
                      grpc::ServerWriter<v1::Event>* writer) override;

 private:
  Node& node_;
};

}  // namespace onggi
