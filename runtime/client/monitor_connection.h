// MonitorConnection: requests and answers over one socket, and what the monitor tells by itself.
//
// Thread-safety: all methods from any thread. Callbacks run on the hub's thread and must not block.
// Ownership: shared by its client and by those who wait on it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "runtime/client/frame_reader.h"
#include "runtime/client/monitor_hub.h"
#include "runtime/client/monitor_protocol.h"

namespace onggi {

class MonitorConnection : public HubListener,
                          public std::enable_shared_from_this<MonitorConnection> {
 public:
  struct Answer {
    MonitorMessage message;
    std::vector<UniqueFd> fds;
  };
  static constexpr std::chrono::milliseconds kPatience{120'000};

  // SOCKET is a connected one.
  static Result<std::shared_ptr<MonitorConnection>> Make(UniqueFd socket);
  ~MonitorConnection() override;

  // The answer, or its error. Unavailable when the monitor goes meanwhile; DeadlineExceeded after
  // PATIENCE (none: as long as it takes).
  Result<Answer> Ask(MonitorMessage request, std::span<const int> fds = {},
                     std::optional<std::chrono::milliseconds> patience = kPatience);
  // In two steps: the request's number, and its answer. Every number is awaited once.
  Result<uint64_t> Send(MonitorMessage request, std::span<const int> fds);
  Result<Answer> Await(uint64_t number, std::optional<std::chrono::milliseconds> patience);
  // Nobody waits for the answer any longer.
  void Forget(uint64_t number);
  // Send and Forget; a monitor that has gone needs not be told.
  void Tell(MonitorMessage request);

  void OnExit(std::function<void(const ContainerExit&)> callback);
  void OnGone(std::function<void()> callback);
  // Exits that happened before we were there.
  void AddExits(const std::vector<MonitoredContainer>& containers);
  // From now on the end of the monitor is what we want.
  void ExpectEnd();
  // No callback starts after this.
  void Close();

  bool Readable() override;

 private:
  struct Pending {
    bool done = false;
    bool gone = false;
    bool forgotten = false;  // nobody waits
    Answer answer;
    CondVar arrived;
  };
  explicit MonitorConnection(UniqueFd socket) : socket_(std::move(socket)) {}
  void Take(Frame frame);
  void DeliverExits();
  void Gone();

  UniqueFd socket_;
  std::shared_ptr<MonitorHub> hub_;
  uint64_t hub_number_ = 0;
  FrameReader reader_{kMaxMonitorFrame};  // the hub's thread only

  Mutex send_mutex_;

  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  bool gone_ GUARDED_BY(mutex_) = false;
  bool end_expected_ GUARDED_BY(mutex_) = false;
  uint64_t last_number_ GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::shared_ptr<Pending>> pending_ GUARDED_BY(mutex_);
  std::deque<ContainerExit> exits_ GUARDED_BY(mutex_);
  std::function<void(const ContainerExit&)> on_exit_ GUARDED_BY(mutex_);
  std::function<void()> on_gone_ GUARDED_BY(mutex_);
};

}  // namespace onggi
