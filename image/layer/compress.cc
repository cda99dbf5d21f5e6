#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>

#include "image/layer/byte_sink.h"

namespace onggi {
namespace {

constexpr size_t kOutBytes = 128 << 10;
constexpr size_t kMaxCall = size_t{1} << 30;  // ISA-L counts in 32 bits
constexpr int kIsalLevel = 2;
constexpr int kZstdLevel = 3;

class PlainSink : public ByteSink {
 public:
  explicit PlainSink(ByteSink& next) : next_(next) {}
  Result<> Write(std::string_view bytes) override { return next_.Write(bytes); }
  Result<> Finish() override { return next_.Finish(); }

 private:
  ByteSink& next_;
};

class GzipSink : public ByteSink {
 public:
  explicit GzipSink(ByteSink& next)
      : next_(next), level_(new uint8_t[ISAL_DEF_LVL2_DEFAULT]), out_(new uint8_t[kOutBytes]) {
    isal_deflate_init(&stream_);
    stream_.level = kIsalLevel;
    stream_.level_buf = level_.get();
    stream_.level_buf_size = ISAL_DEF_LVL2_DEFAULT;
    stream_.gzip_flag = IGZIP_GZIP;
  }

  Result<> Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::string_view part = bytes.substr(0, kMaxCall);
      bytes.remove_prefix(part.size());
      TRY(Deflate(part));
    }
    return Ok();
  }

  Result<> Finish() override {
    stream_.end_of_stream = 1;
    TRY(Deflate({}));
    return next_.Finish();
  }

 private:
  Result<> Deflate(std::string_view bytes) {
    stream_.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uint32_t>(bytes.size());
    do {
      stream_.next_out = out_.get();
      stream_.avail_out = kOutBytes;
      if (isal_deflate(&stream_) != COMP_OK) return Internal("gzip: deflate failed");
      TRY(next_.Write({reinterpret_cast<char*>(out_.get()), kOutBytes - stream_.avail_out}));
    } while (stream_.avail_out == 0);
    return Ok();
  }

  ByteSink& next_;
  std::unique_ptr<uint8_t[]> level_;
  std::unique_ptr<uint8_t[]> out_;
  isal_zstream stream_;
};

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

class ZstdSink : public ByteSink {
 public:
  explicit ZstdSink(ByteSink& next)
      : next_(next), context_(ZSTD_createCCtx()), out_(new char[kOutBytes]) {
    CHECK(context_ != nullptr);
    CHECK(
        !ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kZstdLevel)));
    CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1)));
  }

  Result<> Write(std::string_view bytes) override { return Run(bytes, ZSTD_e_continue); }
  Result<> Finish() override {
    TRY(Run({}, ZSTD_e_end));
    return next_.Finish();
  }

 private:
  Result<> Run(std::string_view bytes, ZSTD_EndDirective mode) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool done = false;
    while (!done) {
      ZSTD_outBuffer out{out_.get(), kOutBytes, 0};
      size_t left = ZSTD_compressStream2(context_.get(), &out, &in, mode);
      if (ZSTD_isError(left)) return Internal("zstd: " + std::string(ZSTD_getErrorName(left)));
      TRY(next_.Write({out_.get(), out.pos}));
      done = mode == ZSTD_e_end ? left == 0 : in.pos == in.size;
    }
    return Ok();
  }

  ByteSink& next_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  std::unique_ptr<char[]> out_;
};

}  // namespace

std::unique_ptr<ByteSink> MakeCompressor(Compression compression, ByteSink& next) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<GzipSink>(next);
    case Compression::kZstd:
      return std::make_unique<ZstdSink>(next);
    case Compression::kNone:
      break;
  }
  return std::make_unique<PlainSink>(next);
}

}  // namespace onggi
