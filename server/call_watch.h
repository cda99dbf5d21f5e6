// CallWatch: turns the cancellation of an RPC (the client went away, or its deadline passed) into a
// CancelToken.
//
// gRPC's synchronous API only lets one ask whether a call is cancelled; one thread asks for all
// calls that want to know, every kCallWatchPeriod, and sleeps while there are none.
//
// Thread-safety: any thread may Watch.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <list>
#include <thread>

#include "base/cancel.h"
#include "base/mutex.h"

namespace onggi {

inline constexpr std::chrono::milliseconds kCallWatchPeriod{10};

class CallWatch {
 public:
  CallWatch();
  ~CallWatch();  // no Call may be left
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

  // Watches CONTEXT while it lives; must die before the handler returns.
  class Call {
   public:
    Call(CallWatch& watch, grpc::ServerContext* context);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    const CancelToken& token() const { return source_.token(); }

   private:
    friend class CallWatch;
    CallWatch& watch_;
    grpc::ServerContext* context_;
    CancelSource source_;
    bool told_ = false;                 // only by the watching thread
    std::list<Call*>::iterator place_;  // in calls_
  };

 private:
  void Run();

  Mutex mutex_;
  CondVar wake_;
  std::list<Call*> calls_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace onggi
