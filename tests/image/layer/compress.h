// What the decoders are fed in tests: gzip by ISA-L, zstd by libzstd, and a source that hands out
// few bytes at a time.
#pragma once

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "image/content/byte_source.h"

namespace onggi {

inline std::string Gzip(std::string_view bytes) {
  std::string out(bytes.size() + bytes.size() / 8 + 4096, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uint32_t>(bytes.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  stream.end_of_stream = 1;
  CHECK(isal_deflate_stateless(&stream) == COMP_OK);
  out.resize(stream.total_out);
  return out;
}

inline std::string Zstd(std::string_view bytes, int level = 3) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
  CHECK(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

class DripSource : public ByteSource {
 public:
  DripSource(std::string_view bytes, size_t step) : rest_(bytes), step_(step) {}
  Result<size_t> Read(std::span<char> buffer) override {
    size_t size = std::min({buffer.size(), step_, rest_.size()});
    memcpy(buffer.data(), rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
  size_t step_;
};

// Text that compresses like a file system does, never twice the same.
inline std::string Sample(size_t size, uint32_t seed = 1) {
  std::string out;
  out.reserve(size + 64);
  while (out.size() < size) {
    seed = seed * 1664525 + 1013904223;
    out += "line ";
    out += std::to_string(seed);
    out.append(seed % 13, 'a' + static_cast<char>(seed % 7));
    out += '\n';
  }
  out.resize(size);
  return out;
}

}  // namespace onggi
