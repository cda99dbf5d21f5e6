// Connections: the daemons that talk to this monitor. There may be several at once: an old daemon
// and its successor.
//
// Thread-safety: the loop's thread. Ownership: owns the sockets. Never blocks: answers that do not
// fit into the socket wait here, and a peer that lets kMaxQueuedBytes pile up is cut off.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/client/frame_reader.h"
#include "runtime/client/monitor_protocol.h"
#include "runtime/monitor/event_loop.h"

namespace onggi {

class Connections;

// The one who waits for an answer. A value: may be kept until later, and used once.
class Responder {
 public:
  Responder() = default;
  Responder(Connections* connections, uint64_t connection, uint64_t request)
      : connections_(connections), connection_(connection), request_(request) {}

  uint64_t connection() const { return connection_; }
  void Answer(Json body, std::span<const int> fds = {}) const;
  void Fail(const Error& error) const;
  // An empty answer, or the error.
  void Finish(const Result<>& result) const;

 private:
  Connections* connections_ = nullptr;
  uint64_t connection_ = 0;
  uint64_t request_ = 0;
};

struct Request {
  MonitorMessage message;
  std::vector<UniqueFd> fds;
  Responder responder;
};

class Connections {
 public:
  static constexpr size_t kMaxQueuedBytes = 4 << 20;
  struct Callbacks {
    std::function<void(Request)> request;
    std::function<void(uint64_t connection)> closed;
  };
  Connections(EventLoop* loop, Callbacks callbacks)
      : loop_(loop), callbacks_(std::move(callbacks)) {}
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Takes connections of our own user from LISTENER.
  Result<> Listen(UniqueFd listener);
  // A connection that stands already. Its number.
  Result<uint64_t> Adopt(UniqueFd socket);

  bool empty() const { return open_.empty(); }
  // From now on events go to it too.
  void Subscribe(uint64_t connection);
  void Broadcast(const MonitorMessage& event);
  void Send(uint64_t connection, std::string bytes, std::span<const int> fds);

 private:
  struct Outgoing {
    std::string bytes;  // with the frame's length in front
    size_t done = 0;
    std::vector<UniqueFd> fds;
  };
  struct Connection {
    UniqueFd socket;
    FrameReader reader{kMaxMonitorFrame};
    bool subscribed = false;
    std::deque<Outgoing> queue;
    size_t queued_bytes = 0;
  };
  void Accept();
  void Ready(uint64_t number, uint32_t events);
  // False when nothing more is there now, or the connection has ended.
  bool ReadOne(uint64_t number);
  bool Flush(Connection& connection);
  void Close(uint64_t number);

  EventLoop* loop_;
  Callbacks callbacks_;
  UniqueFd listener_;
  std::map<uint64_t, std::unique_ptr<Connection>> open_;
  uint64_t last_ = 0;
};

}  // namespace onggi
