// MonitorHub: one thread that listens to all monitors of the process.
//
// It also reaps those monitors that this process has started.
//
// Thread-safety: all methods from any thread. Ownership: shared by the connections that it serves;
// the thread ends with the last. Listeners are kept alive while they are called.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// Who is told, on the hub's thread, that a descriptor can be read. Must not block.
class HubListener {
 public:
  virtual ~HubListener() = default;
  // False: it has ended; it is not called again.
  virtual bool Readable() = 0;
};

class MonitorHub {
 public:
  // The hub of this process: the one that exists, or a new one.
  static Result<std::shared_ptr<MonitorHub>> Get();
  ~MonitorHub();
  MonitorHub(const MonitorHub&) = delete;
  MonitorHub& operator=(const MonitorHub&) = delete;

  // FD is borrowed and must stay open until Remove.
  Result<uint64_t> Add(int fd, std::weak_ptr<HubListener> listener);
  // Afterwards the listener is not called, unless a call is just going on.
  void Remove(uint64_t number, int fd);
  // Runs TASK on the hub's thread.
  void Post(std::function<void()> task);
  // Takes over a child of this process: reaps it when it ends.
  void ReapLater(UniqueFd pidfd);

 private:
  class Loop;
  explicit MonitorHub(std::shared_ptr<Loop> loop) : loop_(std::move(loop)) {}

  // The thread has its own share: the last client may be let go of on the thread itself.
  std::shared_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace onggi
