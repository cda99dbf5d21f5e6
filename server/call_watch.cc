#include "server/call_watch.h"

namespace onggi {

CallWatch::CallWatch() : thread_([this] { Run(); }) {}

CallWatch::~CallWatch() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  thread_.join();
}

CallWatch::Call::Call(CallWatch& watch, grpc::ServerContext* context)
    : watch_(watch), context_(context) {
  bool first = false;
  {
    MutexLock lock(watch_.mutex_);
    first = watch_.calls_.empty();
    place_ = watch_.calls_.insert(watch_.calls_.end(), this);
  }
  if (first) watch_.wake_.NotifyOne();
}

CallWatch::Call::~Call() {
  // IsCancelled is only called under this lock, so never on a context that is gone.
  MutexLock lock(watch_.mutex_);
  watch_.calls_.erase(place_);
}

void CallWatch::Run() {
  while (true) {
    // Callbacks of a token may take long or end the call, so they run without our lock.
    std::list<CancelSource> cancelled;
    {
      MutexLock lock(mutex_);
      while (calls_.empty() && !stopping_) wake_.Wait(mutex_);
      if (stopping_) return;
      for (Call* call : calls_) {
        if (!call->told_ && call->context_->IsCancelled()) {
          call->told_ = true;
          cancelled.push_back(call->source_);
        }
      }
    }
    for (CancelSource& source : cancelled) source.Cancel();
    std::this_thread::sleep_for(kCallWatchPeriod);
  }
}

}  // namespace onggi
