// Any bytes as a compressed stream, read in portions that the first byte chooses: no crash, no
// endless loop, and the portions never change the outcome.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "image/digest.h"
#include "image/layer/decompress.h"

namespace onggi {
namespace {

class PortionSource : public ByteSource {
 public:
  PortionSource(std::string_view bytes, size_t step) : rest_(bytes), step_(step) {}
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

struct Outcome {
  bool good = false;
  Digest digest;
};

Outcome Inflate(std::string_view bytes, size_t step, size_t block) {
  PortionSource source(bytes, step);
  DecompressLimits limits{.max_bytes = 8 << 20, .zstd_window_log = 20};
  Result<std::unique_ptr<DecompressSource>> out = Decompress(source, limits);
  if (!out) return {};
  std::string buffer(block, '\0');
  Sha256 hash;
  while (true) {
    Result<size_t> got = (*out)->Read(buffer);
    if (!got) return {};
    if (*got == 0) break;
    hash.Update({buffer.data(), *got});
  }
  return {true, hash.Finish()};
}

}  // namespace
}  // namespace onggi

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  size_t step = 1 + data[0] % 64;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  onggi::Outcome whole = onggi::Inflate(bytes, size, 64 << 10);
  onggi::Outcome parts = onggi::Inflate(bytes, step, 1024 * step);
  if (whole.good != parts.good || whole.digest != parts.digest) abort();
  return 0;
}
