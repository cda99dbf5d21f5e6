// CriLog: a container's output as records of the CRI log format.
//
//   2026-11-24T07:49:14.123456789Z stdout F a whole line
//   2026-11-24T07:49:14.123456789Z stderr P the first part of a line that goes on
//
// A line longer than the limit is split into "P" records and a last one; at the end of the stream a
// line without a newline is "P". Content is kept byte for byte (also a carriage return). A line
// that has no newline yet waits in memory, at most the limit, and only while it waits.
//
// Thread-safety: one thread. Blocks on the disk. Memory: the batch buffer is the caller's and
// shared by all logs of the process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/monitor/log_file.h"

namespace onggi {

// Records on their way to a file; whoever fills it empties it into one before anyone else does.
class LogBatch {
 public:
  static constexpr size_t kBytes = 64 << 10;

  // Writes PARTS one after another; when they don't fit, what was gathered goes to FILE first.
  void Add(LogFile& file, std::string_view prefix, std::string_view head, std::string_view content);
  void Flush(LogFile& file);

 private:
  size_t used_ = 0;
  char bytes_[kBytes];
};

class CriLog {
 public:
  CriLog(LogFile file, size_t max_line) : file_(std::move(file)), max_line_(max_line) {}

  enum class Stream { kStdout, kStderr };
  // CHUNK is what was read just now; it is on its way to the disk when this returns.
  void Write(Stream stream, std::string_view chunk, LogBatch& batch);
  // The stream has ended.
  void Finish(Stream stream, LogBatch& batch);

  Result<> Reopen() { return file_.Reopen(); }
  uint64_t dropped_bytes() const { return file_.dropped_bytes(); }

 private:
  LogFile file_;
  size_t max_line_;
  std::string waiting_[2];
};

}  // namespace onggi
