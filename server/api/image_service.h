// ImageApi: onggi.v1's ImageService, what a person does with images. One RPC per file beside this
// one.
//
// Thread-safety: gRPC calls it from many threads.
#pragma once

#include <string_view>

#include "image/image_verbs.h"
#include "proto/onggi/v1/images.grpc.pb.h"
#include "server/rpc.h"

namespace onggi {

class ImageApi final : public v1::ImageService::Service {
 public:
  explicit ImageApi(Node& node) : node_(node) {}

  grpc::Status Pull(grpc::ServerContext* context, const v1::PullRequest* request,
                    grpc::ServerWriter<v1::PullResponse>* writer) override;
  grpc::Status List(grpc::ServerContext* context, const v1::ListRequest* request,
                    v1::ListResponse* response) override;
  grpc::Status Inspect(grpc::ServerContext* context, const v1::InspectRequest* request,
                       v1::InspectResponse* response) override;
  grpc::Status Remove(grpc::ServerContext* context, const v1::RemoveRequest* request,
                      v1::RemoveResponse* response) override;
  grpc::Status Tag(grpc::ServerContext* context, const v1::TagRequest* request,
                   v1::TagResponse* response) override;
  grpc::Status Untag(grpc::ServerContext* context, const v1::UntagRequest* request,
                     v1::UntagResponse* response) override;
  grpc::Status Push(grpc::ServerContext* context, const v1::PushRequest* request,
                    grpc::ServerWriter<v1::PushResponse>* writer) override;
  grpc::Status Load(grpc::ServerContext* context, grpc::ServerReader<v1::LoadRequest>* reader,
                    v1::LoadResponse* response) override;
  grpc::Status Save(grpc::ServerContext* context, const v1::SaveRequest* request,
                    grpc::ServerWriter<v1::SaveResponse>* writer) override;
  grpc::Status Prune(grpc::ServerContext* context, const v1::PruneRequest* request,
                     v1::PruneResponse* response) override;
  grpc::Status History(grpc::ServerContext* context, const v1::HistoryRequest* request,
                       v1::HistoryResponse* response) override;
  grpc::Status Search(grpc::ServerContext* context, const v1::SearchRequest* request,
                      v1::SearchResponse* response) override;
  grpc::Status Login(grpc::ServerContext* context, const v1::LoginRequest* request,
                     v1::LoginResponse* response) override;
  grpc::Status Explain(grpc::ServerContext* context, const v1::ExplainRequest* request,
                       v1::ExplainResponse* response) override;

 private:
  // Unimplemented, naming METHOD, when the image service has no further verbs.
  Result<ImageVerbs*> Verbs(std::string_view method);

  Node& node_;
};

}  // namespace onggi
