// ByteSource: bytes that are pulled, from a registry, a file or another source. The one stream type
// of this room.
//
// Thread-safety: one thread at a time. After an error the source is unusable.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to buffer.size() bytes (never 0 but at the end); may give fewer. Blocks.
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
};

// Reads until BUFFER is full or the source ends; how many bytes.
Result<size_t> ReadFull(ByteSource& source, std::span<char> buffer);
// All of it; ResourceExhausted beyond LIMIT bytes.
Result<std::string> ReadToEnd(ByteSource& source, size_t limit);

// Bytes in memory, which must outlive it.
class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string_view bytes) : rest_(bytes) {}
  Result<size_t> Read(std::span<char> buffer) override;

 private:
  std::string_view rest_;
};

// From the current offset of an fd that is borrowed (file, pipe or socket).
class FdSource : public ByteSource {
 public:
  explicit FdSource(int fd) : fd_(fd) {}
  Result<size_t> Read(std::span<char> buffer) override;

 private:
  int fd_;
};

}  // namespace onggi
