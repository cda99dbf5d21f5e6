// InputPump: from a pipe that someone attached writes to, to a container's stdin or terminal. It
// takes no more than the container reads.
//
// Thread-safety: the loop's thread. Ownership: owns both descriptors.
#pragma once

#include <functional>
#include <string>

#include "base/unique_fd.h"
#include "runtime/monitor/event_loop.h"

namespace onggi {

class InputPump {
 public:
  // SINK must be non-blocking. ENDED is called once, from the loop, when the writer has closed its
  // end or the container takes no more; it may destroy the pump.
  InputPump(EventLoop* loop, UniqueFd source, UniqueFd sink, std::function<void()> ended)
      : loop_(loop), source_(std::move(source)), sink_(std::move(sink)), ended_(std::move(ended)) {}
  ~InputPump();
  InputPump(const InputPump&) = delete;
  InputPump& operator=(const InputPump&) = delete;

  Result<> Start();

 private:
  void ReadSome();
  void WriteSome();
  void End();

  EventLoop* loop_;
  UniqueFd source_;
  UniqueFd sink_;
  std::function<void()> ended_;
  std::string pending_;
};

}  // namespace onggi
