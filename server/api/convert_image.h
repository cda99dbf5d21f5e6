// Images, credentials and progress between onggi.v1 and the image room.
//
// Thread-safety: free functions; a ProgressSink from any thread.
#pragma once

#include <grpcpp/support/sync_stream.h>

#include "base/mutex.h"
#include "image/image_service.h"
#include "proto/onggi/v1/images.pb.h"

namespace onggi {

void ImageToApi(const Image& from, uint64_t containers, v1::Image* to);
RegistryAuth AuthFromApi(const v1::RegistryAuth& from);
void ProgressToApi(const PullProgress& from, const std::string& reference, v1::Progress* to);

// Writes progress from worker threads into one stream: gRPC allows one writer at a time.
template <typename Response>
class ProgressSink {
 public:
  ProgressSink(grpc::ServerWriter<Response>& writer, std::string reference)
      : writer_(writer), reference_(std::move(reference)) {}

  void Tell(const PullProgress& progress) {
    Response message;
    ProgressToApi(progress, reference_, message.mutable_progress());
    Write(message);
  }
  // A client that has gone is noticed by the call's CancelToken.
  void Write(const Response& message) {
    MutexLock lock(mutex_);
    (void)writer_.Write(message);
  }

 private:
  Mutex mutex_;
  grpc::ServerWriter<Response>& writer_;
  std::string reference_;
};

}  // namespace onggi
