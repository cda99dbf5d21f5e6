// CriImageService: CRI's ImageService: requests to calls of the image room and back. One RPC
// per file beside this one, named after the call; those that this version does not offer stand in
// unimplemented.cc.
//
// Thread-safety: gRPC calls it from many threads.
#pragma once

#include "proto/runtime/v1/api.grpc.pb.h"
#include "server/cri/convert_common.h"
#include "server/rpc.h"

namespace onggi {

class CriImageService final : public cri::ImageService::Service {
 public:
  explicit CriImageService(Node& node) : node_(node) {}

  grpc::Status ListImages(grpc::ServerContext* context, const cri::ListImagesRequest* request,
                          cri::ListImagesResponse* response) override;
  grpc::Status StreamImages(grpc::ServerContext* context, const cri::StreamImagesRequest* request,
                            grpc::ServerWriter<cri::StreamImagesResponse>* writer) override;
  grpc::Status ImageStatus(grpc::ServerContext* context, const cri::ImageStatusRequest* request,
                           cri::ImageStatusResponse* response) override;
  grpc::Status PullImage(grpc::ServerContext* context, const cri::PullImageRequest* request,
                         cri::PullImageResponse* response) override;
  grpc::Status RemoveImage(grpc::ServerContext* context, const cri::RemoveImageRequest* request,
                           cri::RemoveImageResponse* response) override;
  grpc::Status ImageFsInfo(grpc::ServerContext* context, const cri::ImageFsInfoRequest* request,
                           cri::ImageFsInfoResponse* response) override;

 private:
  Node& node_;
};

}  // namespace onggi
