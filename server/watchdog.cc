#include "server/watchdog.h"

#include "base/log.h"
#include "proto/runtime/v1/api.grpc.pb.h"
#include "server/notify.h"

namespace onggi {
namespace {

namespace cri = ::runtime::v1;

bool Answers(cri::RuntimeService::Stub& stub, std::chrono::microseconds patience) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + patience);
  cri::ListPodSandboxRequest request;
  // An id that no sandbox has: the lists are asked, and the answer is small.
  request.mutable_filter()->set_id(std::string(64, '0'));
  cri::ListPodSandboxResponse response;
  return stub.ListPodSandbox(&context, request, &response).ok();
}

}  // namespace

Watchdog::Watchdog(grpc::Server& server) : server_(server) {
  auto period = WatchdogPeriod();
  if (period) thread_ = std::thread([this, period = *period] { Run(period); });
}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Run(std::chrono::microseconds period) {
  auto stub = cri::RuntimeService::NewStub(server_.InProcessChannel(grpc::ChannelArguments()));
  while (true) {
    if (Answers(*stub, period)) {
      NotifyAlive();
    } else {
      LOG(kError, "the daemon does not answer itself");
    }
    auto next = std::chrono::steady_clock::now() + period / 2;
    MutexLock lock(mutex_);
    while (!stopping_ && wake_.WaitUntil(mutex_, next)) {
    }
    if (stopping_) return;
  }
}

}  // namespace onggi
