#include "image/content/byte_source.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace onggi {

Result<size_t> ReadFull(ByteSource& source, std::span<char> buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    TRY_ASSIGN(size_t got, source.Read(buffer.subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

Result<std::string> ReadToEnd(ByteSource& source, size_t limit) {
  std::string bytes;
  char buffer[16 << 10];
  while (true) {
    TRY_ASSIGN(size_t got, source.Read(buffer));
    if (got == 0) return bytes;
    if (got > limit - bytes.size()) {
      return ResourceExhausted("more than " + std::to_string(limit) + " bytes");
    }
    bytes.append(buffer, got);
  }
}

Result<size_t> StringSource::Read(std::span<char> buffer) {
  size_t size = std::min(buffer.size(), rest_.size());
  memcpy(buffer.data(), rest_.data(), size);
  rest_.remove_prefix(size);
  return size;
}

Result<size_t> FdSource::Read(std::span<char> buffer) {
  while (true) {
    ssize_t got = read(fd_, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) return SysError("read");
  }
}

}  // namespace onggi
