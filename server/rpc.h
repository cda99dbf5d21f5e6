// Serve: what every RPC goes through. Runs the handler, turns its Error into a grpc::Status, and
// writes one line of log with method, id, uid of the caller, duration and code.
//
//   grpc::Status CriRuntimeService::StartContainer(...) {
//     return Serve({node_, context, "StartContainer", request->container_id()},
//                  [&] { return node_.engine.StartContainer(request->container_id()); });
//   }
//
// A handler that takes a CancelToken is asked to stop when the client goes or its deadline passes;
// its answer Cancelled then becomes DeadlineExceeded where it was the deadline.
//
// Thread-safety: any thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string_view>
#include <type_traits>
#include <utility>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "server/call_watch.h"
#include "server/node.h"

namespace onggi {

// How loud a success is: kubelet reads lists each second and probes run for ever.
enum class RpcKind { kChange, kRead };

struct Rpc {
  Node& node;
  grpc::ServerContext* context;
  std::string_view method;
  std::string_view id = {};  // what it is about: never a secret
  RpcKind kind = RpcKind::kChange;
};

// The end of Serve: log and conversion.
grpc::Status FinishRpc(const Rpc& rpc, int64_t started_ns, Result<> result);

template <typename Handler>
grpc::Status Serve(const Rpc& rpc, Handler&& handler) {
  int64_t started_ns = MonotonicNanos();
  if constexpr (std::is_invocable_v<Handler, const CancelToken&>) {
    Result<> result = [&] {
      CallWatch::Call call(rpc.node.calls, rpc.context);
      return handler(call.token());
    }();
    return FinishRpc(rpc, started_ns, std::move(result));
  } else {
    return FinishRpc(rpc, started_ns, handler());
  }
}

// The answer of an RPC that this version does not offer.
grpc::Status ServeUnimplemented(const Rpc& rpc);

}  // namespace onggi
