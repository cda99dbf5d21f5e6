// Watchdog: tells systemd that the daemon lives, as long as it really answers: each beat is a whole
// RPC through the server and a look at the list of pods, so that a deadlock ends in a restart.
//
// Thread-safety: construct and destroy in one thread.
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <thread>

#include "base/mutex.h"

namespace onggi {

class Watchdog {
 public:
  // Does nothing when systemd did not ask for it.
  explicit Watchdog(grpc::Server& server);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Run(std::chrono::microseconds period);

  grpc::Server& server_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace onggi
