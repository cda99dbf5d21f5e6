// Error -> grpc::Status, the only place where that happens.
//
// Code numbers are gRPC's, and the message is the error's: PullImage's sentinels
// ("RegistryUnavailable:
// ...", code Unknown) reach the kubelet as they are. Messages longer than kMaxStatusMessage are
// cut: they travel percent-encoded in a header, and a client drops headers of 8 KiB and more
// together with the answer.
//
// Thread-safety: any thread.
#pragma once

#include <grpcpp/support/status.h>

#include "base/result.h"

namespace onggi {

inline constexpr size_t kMaxStatusMessage = 2048;

grpc::Status ToGrpcStatus(const Error& error);

}  // namespace onggi
