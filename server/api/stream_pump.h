// StreamPump: moves bytes between a bidirectional gRPC stream and the fds of a process.
//
// Output: one thread polls stdout and stderr (or the terminal) and sends what comes; a slow client
// holds up only its own process. Input: the caller's thread reads the stream and writes stdin. The
// pump ends when both outputs are closed, or when the client goes.
//
// Thread-safety: made and driven by one RPC. Ownership: takes the fds.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "server/api/container_service.h"

namespace onggi {

struct StreamFds {
  UniqueFd in;   // written to; invalid: no input
  UniqueFd out;  // read from
  UniqueFd err;  // read from; invalid with a terminal
};

class StreamPump {
 public:
  StreamPump(ContainerApi::Stream& stream, StreamFds fds);
  ~StreamPump();
  StreamPump(const StreamPump&) = delete;
  StreamPump& operator=(const StreamPump&) = delete;

  struct Handlers {
    std::function<void(uint16_t width, uint16_t height)> on_resize;
    std::function<void(int signal)> on_signal;
    std::function<void()> on_gone;  // the client went away: end the process
  };
  // Starts the thread that reads what the client sends. It ends with the stream.
  void StartInput(Handlers handlers);
  // Sends output until both fds are closed or STOP is set and nothing is left to read.
  void SendOutput(const std::atomic<bool>& stop);
  bool Send(const v1::Output& output);
  // After the last message: the client closes its side. One that does not within kCloseTime loses
  // the call.
  void AwaitClose(grpc::ServerContext* context);

 private:
  void ReadInput();
  // False at the end of the fd or when the client is gone.
  bool Forward(const UniqueFd& fd, bool is_stderr);

  ContainerApi::Stream& stream_;
  StreamFds fds_;
  Handlers handlers_;
  Mutex write_mutex_;  // gRPC allows one writer at a time
  std::atomic<bool> input_ended_{false};
  std::thread input_;
};

}  // namespace onggi
