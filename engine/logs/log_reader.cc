#include "engine/logs/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kBlock = 64 << 10;

// "2026-01-02T03:04:05.123456789Z" or with an offset of "+00:00".
std::optional<int64_t> ParseStamp(std::string_view text) {
  tm parts{};
  std::string copy(text);
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  int64_t nanoseconds = 0;
  if (*rest == '.') {
    int64_t unit = 100'000'000;
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest, unit /= 10)
      nanoseconds += (*rest - '0') * unit;
  }
  int64_t offset_s = 0;
  if (*rest == '+' || *rest == '-') {
    tm shift{};
    if (strptime(rest + 1, "%H:%M", &shift) == nullptr) return std::nullopt;
    offset_s = (shift.tm_hour * 3600 + shift.tm_min * 60) * (*rest == '+' ? 1 : -1);
  } else if (*rest != 'Z') {
    return std::nullopt;
  }
  return (int64_t{timegm(&parts)} - offset_s) * 1'000'000'000 + nanoseconds;
}

}  // namespace

std::optional<LogLine> ParseLogLine(std::string_view text) {
  LogLine line;
  size_t stamp_end = text.find(' ');
  if (stamp_end == std::string_view::npos) return std::nullopt;
  auto stamp = ParseStamp(text.substr(0, stamp_end));
  if (!stamp) return std::nullopt;
  line.timestamp_ns = *stamp;
  text.remove_prefix(stamp_end + 1);
  size_t stream_end = text.find(' ');
  std::string_view stream = text.substr(0, stream_end);
  if (stream_end == std::string_view::npos || (stream != "stdout" && stream != "stderr")) {
    return std::nullopt;
  }
  line.is_stderr = stream == "stderr";
  text.remove_prefix(stream_end + 1);
  size_t tag_end = std::min(text.find(' '), text.size());
  // Further tags may follow the first after colons; readers ignore the ones they don't know.
  std::string_view tag = text.substr(0, std::min(text.find(':'), tag_end));
  if (tag != "F" && tag != "P") return std::nullopt;
  line.partial = tag == "P";
  line.content = text.substr(std::min(tag_end + 1, text.size()));
  return line;
}

Result<LogReader> LogReader::Open(const std::string& path) {
  auto fd = onggi::Open(path, O_RDONLY | O_NOFOLLOW);
  if (fd.has_value()) return LogReader(path, std::move(fd).value());
  if (fd.error().sys_errno() == ENOENT) return NotFound("no log at " + path);
  return std::move(fd).error();
}

Result<> LogReader::SeekToTail(int64_t lines) {
  off_t end = lseek(fd_.get(), 0, SEEK_END);
  if (end < 0) return SysError("lseek(" + path_ + ")");
  std::string block(kBlock, '\0');
  off_t position = end;
  int64_t newlines = 0;
  while (position > 0) {
    off_t begin = std::max<off_t>(0, position - static_cast<off_t>(kBlock));
    ssize_t n = pread(fd_.get(), block.data(), static_cast<size_t>(position - begin), begin);
    if (n < 0) return SysError("read(" + path_ + ")");
    for (ssize_t i = n - 1; i >= 0; --i) {
      if (block[static_cast<size_t>(i)] != '\n') continue;
      // The newline at the very end closes the last line; LINES more begin it all.
      if (begin + i + 1 < end && ++newlines == lines) {
        return lseek(fd_.get(), begin + i + 1, SEEK_SET) < 0 ? Result<>(SysError("lseek")) : Ok();
      }
      if (lines == 0) return Ok();
    }
    position = begin;
  }
  if (lseek(fd_.get(), 0, SEEK_SET) < 0) return SysError("lseek(" + path_ + ")");
  return Ok();
}

Result<bool> LogReader::Fill() {
  buffer_.erase(0, start_);
  start_ = 0;
  size_t used = buffer_.size();
  buffer_.resize(used + kBlock);
  ssize_t n;
  do {
    n = read(fd_.get(), buffer_.data() + used, kBlock);
  } while (n < 0 && errno == EINTR);
  buffer_.resize(used + static_cast<size_t>(std::max<ssize_t>(n, 0)));
  if (n < 0) return SysError("read(" + path_ + ")");
  return n > 0;
}

// True when another file stands at the path now, and reading goes on at its beginning.
Result<bool> LogReader::FollowRotation() {
  struct stat here {};
  struct stat there {};
  if (fstat(fd_.get(), &here) != 0 || stat(path_.c_str(), &there) != 0) return false;
  if (here.st_ino == there.st_ino && here.st_dev == there.st_dev) return false;
  TRY_ASSIGN(UniqueFd next, onggi::Open(path_, O_RDONLY | O_NOFOLLOW));
  // The writer turned to the new file: what the old one got until then was read before we came
  // here, but for what arrived between that read and the rename.
  TRY_ASSIGN(bool more, Fill());
  if (more) return true;
  fd_ = std::move(next);
  buffer_.clear();
  start_ = 0;
  return true;
}

Result<std::optional<LogLine>> LogReader::Next() {
  while (true) {
    size_t newline = buffer_.find('\n', start_);
    if (newline == std::string::npos) {
      TRY_ASSIGN(bool more, Fill());
      if (more) continue;
      TRY_ASSIGN(bool rotated, FollowRotation());
      if (rotated) continue;
      return std::optional<LogLine>();
    }
    auto line = ParseLogLine(std::string_view(buffer_).substr(start_, newline - start_));
    start_ = newline + 1;
    if (line) return line;
  }
}

}  // namespace onggi
