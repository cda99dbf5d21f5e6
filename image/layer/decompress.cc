#include "image/layer/decompress.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "image/layer/input_buffer.h"

namespace onggi {
namespace {

constexpr struct {
  std::string_view media_type;
  Compression compression;
} kLayerTypes[] = {
    {"application/vnd.oci.image.layer.v1.tar", Compression::kNone},
    {"application/vnd.oci.image.layer.v1.tar+gzip", Compression::kGzip},
    {"application/vnd.oci.image.layer.v1.tar+zstd", Compression::kZstd},
    {"application/vnd.docker.image.rootfs.diff.tar", Compression::kNone},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", Compression::kGzip},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", Compression::kZstd},
};

constexpr struct {
  std::string_view mark;
  std::string_view why;
} kRefusedTypes[] = {
    {"+encrypted", "encrypted layers are not supported"},
    {"nondistributable", "foreign (non-distributable) layers are not supported"},
    {".foreign.", "foreign (non-distributable) layers are not supported"},
};

class PlainSource : public DecompressSource {
 public:
  PlainSource(InputBuffer input, const DecompressLimits& limits)
      : input_(std::move(input)), budget_(limits) {}

  Result<size_t> Read(std::span<char> buffer) override {
    std::string_view held = input_.available();
    size_t got = std::min(held.size(), buffer.size());
    if (got > 0) {
      memcpy(buffer.data(), held.data(), got);
      input_.Take(got);
    } else {
      TRY_ASSIGN(got, input_.upstream().Read(buffer));
      input_.CountDirect(got);
    }
    TRY(budget_.Charge(got, input_.bytes_in()));
    return got;
  }
  uint64_t bytes_in() const override { return input_.bytes_in(); }
  uint64_t bytes_out() const override { return budget_.bytes_out(); }

 private:
  InputBuffer input_;
  OutputBudget budget_;
};

}  // namespace

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "none";
}

Result<Compression> LayerCompression(std::string_view media_type) {
  for (const auto& type : kLayerTypes) {
    if (media_type == type.media_type) return type.compression;
  }
  std::string name = Quote(media_type.substr(0, 200));
  for (const auto& refused : kRefusedTypes) {
    if (media_type.find(refused.mark) != std::string_view::npos) {
      return InvalidArgument("layer media type " + name + ": " + std::string(refused.why));
    }
  }
  return InvalidArgument("layer media type " + name + " is not known");
}

Compression DetectCompression(std::string_view first_bytes) {
  if (first_bytes.size() < 4) return Compression::kNone;
  if (first_bytes.substr(0, 3) == "\x1f\x8b\x08") return Compression::kGzip;
  if (first_bytes.substr(0, 4) == "\x28\xb5\x2f\xfd") return Compression::kZstd;
  // A skippable frame (0x184D2A50 to 5F) may come first.
  if ((first_bytes[0] & 0xf0) == 0x50 && first_bytes.substr(1, 3) == "\x2a\x4d\x18") {
    return Compression::kZstd;
  }
  return Compression::kNone;
}

std::unique_ptr<DecompressSource> MakePlainSource(InputBuffer input,
                                                  const DecompressLimits& limits) {
  return std::make_unique<PlainSource>(std::move(input), limits);
}

Result<std::unique_ptr<DecompressSource>> Decompress(ByteSource& upstream,
                                                     const DecompressLimits& limits) {
  InputBuffer input(upstream);
  while (input.available().size() < 4) {
    TRY_ASSIGN(bool more, input.Fill());
    if (!more) break;
  }
  switch (DetectCompression(input.available())) {
    case Compression::kGzip:
      return MakeGzipSource(std::move(input), limits);
    case Compression::kZstd:
      return MakeZstdSource(std::move(input), limits);
    case Compression::kNone:
      break;
  }
  return MakePlainSource(std::move(input), limits);
}

}  // namespace onggi
