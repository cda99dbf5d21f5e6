#include "runtime/monitor/cri_log.h"

#include <cstring>

#include "base/clock.h"

namespace onggi {
namespace {

// "2026-11-24T07:49:14.123456789Z stdout F ": the part of a record before its content. One reading
// of the clock and one formatting serve all lines of a chunk.
class RecordPrefix {
 public:
  explicit RecordPrefix(CriLog::Stream stream) {
    int64_t now = WallNanos();
    auto seconds = static_cast<time_t>(now / 1'000'000'000);
    tm utc{};
    gmtime_r(&seconds, &utc);
    Digits(0, 4, utc.tm_year + 1900);
    Digits(5, 2, utc.tm_mon + 1);
    Digits(8, 2, utc.tm_mday);
    Digits(11, 2, utc.tm_hour);
    Digits(14, 2, utc.tm_min);
    Digits(17, 2, utc.tm_sec);
    Digits(20, 9, now % 1'000'000'000);
    if (stream == CriLog::Stream::kStderr) memcpy(text_ + 31, "stderr", 6);
  }
  std::string_view Tagged(char tag) {
    text_[kTagAt] = tag;
    return {text_, sizeof text_ - 1};
  }

 private:
  static constexpr size_t kTagAt = 38;
  void Digits(size_t at, size_t width, int64_t value) {
    for (size_t i = width; i > 0; --i, value /= 10) {
      text_[at + i - 1] = static_cast<char>('0' + value % 10);
    }
  }
  char text_[41] = "0000-00-00T00:00:00.000000000Z stdout F ";
};

}  // namespace

void LogBatch::Flush(LogFile& file) {
  if (used_ > 0) file.Append({bytes_, used_});
  used_ = 0;
}

void LogBatch::Add(LogFile& file, std::string_view prefix, std::string_view head,
                   std::string_view content) {
  size_t size = prefix.size() + head.size() + content.size() + 1;
  if (size > kBytes - used_) Flush(file);
  if (size > kBytes) return;  // kMaxLogLine keeps records below that
  for (std::string_view part : {prefix, head, content}) {
    if (part.empty()) continue;
    memcpy(bytes_ + used_, part.data(), part.size());
    used_ += part.size();
  }
  bytes_[used_++] = '\n';
}

void CriLog::Write(Stream stream, std::string_view chunk, LogBatch& batch) {
  if (!file_.valid()) return;
  std::string& waiting = waiting_[static_cast<int>(stream)];
  RecordPrefix prefix(stream);
  while (!chunk.empty()) {
    size_t room = max_line_ - waiting.size();
    // One byte more than fits: a newline there still ends a line of exactly the limit.
    size_t look = std::min(chunk.size(), room + 1);
    const void* newline = memchr(chunk.data(), '\n', look);
    if (newline == nullptr && look <= room) {
      waiting.append(chunk);
      break;
    }
    size_t size = room;
    if (newline != nullptr)
      size = static_cast<size_t>(static_cast<const char*>(newline) - chunk.data());
    batch.Add(file_, prefix.Tagged(newline != nullptr ? 'F' : 'P'), waiting, chunk.substr(0, size));
    if (!waiting.empty()) std::string().swap(waiting);
    chunk.remove_prefix(size + (newline != nullptr ? 1 : 0));
  }
  batch.Flush(file_);
}

void CriLog::Finish(Stream stream, LogBatch& batch) {
  std::string& waiting = waiting_[static_cast<int>(stream)];
  if (waiting.empty()) return;
  RecordPrefix prefix(stream);
  batch.Add(file_, prefix.Tagged('P'), waiting, {});
  batch.Flush(file_);
  std::string().swap(waiting);
}

}  // namespace onggi
