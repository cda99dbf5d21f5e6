// LogReader: reads a container's log file (CRI format) as it grows.
//
// A line is "RFC3339Nano stream P|F content"; the parts of a split line come as they are written.
// When the file was renamed and made anew at its path (rotation), reading goes on in the new file
// after the old one's end.
//
// Thread-safety: one thread. Blocks only on disk: Next answers "nothing yet" instead of waiting.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct LogLine {
  int64_t timestamp_ns = 0;
  bool is_stderr = false;
  bool partial = false;  // no newline was written after it yet
  std::string content;   // without the newline
};

// nullopt when TEXT is not a line of a CRI log.
std::optional<LogLine> ParseLogLine(std::string_view text);

class LogReader {
 public:
  // NotFound when there is no file at PATH.
  static Result<LogReader> Open(const std::string& path);

  // Positions on the last LINES lines; reads the file backwards in blocks.
  Result<> SeekToTail(int64_t lines);
  // The next whole line, or nullopt when none is there yet. Lines that are no CRI lines are passed
  // over.
  Result<std::optional<LogLine>> Next();

 private:
  LogReader(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<bool> Fill();
  Result<bool> FollowRotation();

  std::string path_;
  UniqueFd fd_;
  std::string buffer_;
  size_t start_ = 0;  // of what is not yet consumed
};

}  // namespace onggi
