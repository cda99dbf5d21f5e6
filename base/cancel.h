// CancelToken: asks a long operation (a pull, a build, an exec) to stop. Cheap to copy and to poll.
//
//   CancelSource source;                 // held by who may cancel: the RPC, Ctrl-C
//   Pull(..., source.token());
//   source.Cancel();                     // from any thread; callbacks run on that thread
//
// Thread-safety: all of it. A default-made token is never cancelled.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"

namespace onggi {

class CancelToken {
 public:
  CancelToken() = default;

  bool cancelled() const { return state_ && state_->cancelled.load(std::memory_order_acquire); }
  // Cancelled when it is, else ok: for TRY in loops.
  Result<> Check() const {
    if (cancelled()) return Cancelled("cancelled by the caller");
    return Ok();
  }

  // Runs CALLBACK once on cancellation (at once when that was before). Removing waits for nothing:
  // a callback may be running while its Registration dies, so it must own what it touches.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept { *this = std::move(other); }
    Registration& operator=(Registration&& other) noexcept {
      std::swap(remove_, other.remove_);
      return *this;
    }
    ~Registration() {
      if (remove_) remove_();
    }

   private:
    friend class CancelToken;
    std::function<void()> remove_;
  };
  [[nodiscard]] Registration OnCancel(std::function<void()> callback) const {
    Registration registration;
    if (!state_) return registration;
    {
      MutexLock lock(state_->mutex);
      if (!state_->cancelled.load(std::memory_order_relaxed)) {
        auto at = state_->callbacks.insert(state_->callbacks.end(), std::move(callback));
        registration.remove_ = [state = state_, at] {
          MutexLock inner(state->mutex);
          if (!state->cancelled.load(std::memory_order_relaxed)) state->callbacks.erase(at);
        };
        return registration;
      }
    }
    callback();
    return registration;
  }

 private:
  friend class CancelSource;
  struct State {
    std::atomic<bool> cancelled{false};
    Mutex mutex;
    std::list<std::function<void()>> callbacks GUARDED_BY(mutex);
  };
  std::shared_ptr<State> state_;
};

class CancelSource {
 public:
  CancelSource() { token_.state_ = std::make_shared<CancelToken::State>(); }
  const CancelToken& token() const { return token_; }
  void Cancel() {
    std::list<std::function<void()>> callbacks;
    {
      MutexLock lock(token_.state_->mutex);
      if (token_.state_->cancelled.exchange(true, std::memory_order_acq_rel)) return;
      callbacks.swap(token_.state_->callbacks);
    }
    for (auto& callback : callbacks) callback();
  }

 private:
  CancelToken token_;
};

}  // namespace onggi
