// OutputStream: what a container writes to stdout or stderr (or to its terminal), on its way to the
// log and to those who are attached.
//
// The log comes first and is never held up for long. Who is attached gets everything through a pipe
// of its own, which is the whole buffer; when that pipe is full the stream waits for its reader,
// and a reader that takes nothing for kPatience is let go.
//
// Thread-safety: the loop's thread. Ownership: owns the read end and the attached write ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "runtime/monitor/cri_log.h"
#include "runtime/monitor/event_loop.h"

namespace onggi {

// The buffers of all streams of the process: one is being served at any time.
struct OutputBuffers {
  static constexpr size_t kReadBytes = 64 << 10;
  char read[kReadBytes];
  LogBatch batch;
};

class OutputStream {
 public:
  static constexpr std::chrono::milliseconds kPatience{250};

  struct Parts {
    EventLoop* loop;
    OutputBuffers* buffers;
    CriLog* log;
    CriLog::Stream stream;
  };
  OutputStream(const Parts& parts, UniqueFd source) : parts_(parts), source_(std::move(source)) {}
  ~OutputStream();
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;

  Result<> Start();
  // The read end of a pipe that gets all output from now on; at once at its end when the stream
  // is.
  Result<UniqueFd> Attach();
  // Takes what is there without waiting, up to the size of a full pipe: after this what an ended
  // process wrote is in the log.
  void Drain();
  // No more output will be taken; an unfinished line is written.
  void Close();

 private:
  struct Attached {
    UniqueFd fd;          // write end, non-blocking
    std::string pending;  // what did not fit
    EventLoop::TimerId patience = 0;
  };
  // Bytes taken; 0 when nothing is there now (or nothing more will come).
  size_t ReadOnce();
  void Forward(std::string_view chunk);
  void WaitFor(Attached& reader);
  void Flush(int fd);
  void Drop(int fd);
  bool Waiting() const;
  void Pause();
  Result<> Resume();

  Parts parts_;
  UniqueFd source_;
  bool watching_ = false;
  std::vector<std::unique_ptr<Attached>> attached_;
};

}  // namespace onggi
