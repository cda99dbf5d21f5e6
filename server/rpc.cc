#include "server/rpc.h"

#include "base/log.h"
#include "server/cri/grpc_status.h"

namespace onggi {
namespace {

LogLevel LevelOf(const Rpc& rpc, const Result<>& result) {
  if (!result) {
    // kubelet asks about what it has removed: that is no trouble of ours.
    Code code = result.error().code();
    bool is_expected = rpc.kind == RpcKind::kRead && code == Code::kNotFound;
    return is_expected || code == Code::kUnimplemented ? LogLevel::kDebug : LogLevel::kWarn;
  }
  return rpc.kind == RpcKind::kRead ? LogLevel::kDebug : LogLevel::kInfo;
}

void WriteRpcLog(const Rpc& rpc, int64_t started_ns, const Result<>& result) {
  LogLevel level = LevelOf(rpc, result);
  if (!LogEnabled(level)) return;
  std::string uid = rpc.node.peers.UidOf(rpc.context->peer());
  double ms = static_cast<double>(MonotonicNanos() - started_ns) / 1e6;
  if (result) {
    WriteLog(level, "rpc",
             {{"method", rpc.method}, {"id", rpc.id}, {"uid", uid}, {"ms", ms}, {"code", "OK"}});
    return;
  }
  WriteLog(level, "rpc",
           {{"method", rpc.method},
            {"id", rpc.id},
            {"uid", uid},
            {"ms", ms},
            {"code", CodeName(result.error().code())},
            {"error", result.error().message()}});
}

}  // namespace

grpc::Status FinishRpc(const Rpc& rpc, int64_t started_ns, Result<> result) {
  if (!result && result.error().code() == Code::kCancelled &&
      rpc.context->deadline() <= std::chrono::system_clock::now()) {
    result = Error(std::move(result.error()).WithCode(Code::kDeadlineExceeded));
  }
  WriteRpcLog(rpc, started_ns, result);
  return result ? grpc::Status::OK : ToGrpcStatus(result.error());
}

grpc::Status ServeUnimplemented(const Rpc& rpc) {
  return Serve(rpc, [&]() -> Result<> {
    return Unimplemented(std::string(rpc.method) + " is not offered by onggid " ONGGI_VERSION);
  });
}

}  // namespace onggi
