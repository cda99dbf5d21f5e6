#include "image/layer/decompress.h"

#include <gtest/gtest.h>

#include "tests/image/layer/compress.h"

namespace onggi {
namespace {

Result<std::string> Inflate(ByteSource& source, DecompressLimits limits = {},
                            size_t block = 65536) {
  TRY_ASSIGN(std::unique_ptr<DecompressSource> out, Decompress(source, limits));
  std::string bytes;
  std::string buffer(block, '\0');
  while (true) {
    TRY_ASSIGN(size_t got, out->Read(buffer));
    if (got == 0) return bytes;
    bytes.append(buffer, 0, got);
  }
}

Result<std::string> Inflate(std::string_view bytes, DecompressLimits limits = {}) {
  StringSource source(bytes);
  return Inflate(source, limits);
}

TEST(Decompress, TellsFormatsByTheirBytes) {
  EXPECT_EQ(DetectCompression(Gzip("x")), Compression::kGzip);
  EXPECT_EQ(DetectCompression(Zstd("x")), Compression::kZstd);
  EXPECT_EQ(DetectCompression("\x5a\x2a\x4d\x18"), Compression::kZstd);
  EXPECT_EQ(DetectCompression("etc/"), Compression::kNone);
  EXPECT_EQ(DetectCompression("\x1f\x8b"), Compression::kNone);
  EXPECT_EQ(DetectCompression(""), Compression::kNone);
}

TEST(Decompress, ReadsEveryFormatAtEveryGranularity) {
  std::string text = Sample(300'000);
  for (const std::string& bytes : {text, Gzip(text), Zstd(text)}) {
    for (size_t step : {1u, 3u, 1000u, 1u << 20}) {
      for (size_t block : {1u, 33u, 4096u, 1u << 20}) {
        if (step * block == 1) continue;
        DripSource source(bytes, step);
        Result<std::string> out = Inflate(source, {}, block);
        ASSERT_TRUE(out) << step << " " << block << ": " << out.error().message();
        ASSERT_TRUE(*out == text) << step << " " << block;
      }
    }
  }
}

TEST(Decompress, GoesOnThroughMembersAndFrames) {
  std::string gz = Gzip("one") + Gzip("") + Gzip("two") + std::string(700, '\0');
  std::string skippable("\x50\x2a\x4d\x18\x05\x00\x00\x00hello", 13);
  std::string zs = skippable + Zstd("one") + skippable + Zstd("two") + skippable;
  for (const std::string& bytes : {gz, zs}) {
    for (size_t step : {1u, 2u, 5u, 4096u}) {
      DripSource source(bytes, step);
      Result<std::string> out = Inflate(source);
      ASSERT_TRUE(out) << step << ": " << out.error().message();
      EXPECT_EQ(*out, "onetwo");
    }
  }
}

TEST(Decompress, ManySmallMembersAcrossEveryBoundary) {
  std::string bytes;
  std::string text;
  for (int i = 0; i < 300; ++i) {
    std::string part = Sample(static_cast<size_t>(i * 37 % 1500), static_cast<uint32_t>(i));
    text += part;
    bytes += Gzip(part);
  }
  for (size_t step : {1u, 13u, 64u, 1021u}) {
    DripSource source(bytes, step);
    Result<std::string> out = Inflate(source);
    ASSERT_TRUE(out) << step << ": " << out.error().message();
    EXPECT_TRUE(*out == text) << step;
  }
}

// With every optional field, cut at every byte.
TEST(Decompress, ReadsHeadersInPieces) {
  std::string body = Gzip(Sample(5000)).substr(10);
  std::string head("\x1f\x8b\x08\x1e\0\0\0\0\0\3\5\0extra", 17);
  head += std::string("a name\0a comment\0", 17);
  uint32_t crc =
      crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(head.data()), head.size());
  head += static_cast<char>(crc & 0xff);
  head += static_cast<char>(crc >> 8 & 0xff);
  for (size_t step = 1; step < 60; ++step) {
    std::string bytes = head + body;
    DripSource source(bytes, step);
    Result<std::string> out = Inflate(source);
    ASSERT_TRUE(out) << step << ": " << out.error().message();
    EXPECT_EQ(*out, Sample(5000));
  }
  head[13] ^= 1;
  EXPECT_EQ(Inflate(head + body).error().code(), Code::kDataLoss);
}

TEST(Decompress, RefusesDamage) {
  std::string text = Sample(50'000);
  std::string gz = Gzip(text);
  std::string crc = gz;
  crc[crc.size() - 6] ^= 1;
  std::string length = gz;
  length[length.size() - 2] ^= 1;
  std::string zs = Zstd(text);
  for (const std::string& bytes :
       {crc, length, gz + "garbage", gz + std::string(3, '\0') + "x", gz.substr(0, gz.size() - 1),
        gz.substr(0, 5), zs.substr(0, zs.size() - 1), zs.substr(0, 6), zs + "garbage"}) {
    Result<std::string> out = Inflate(bytes);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), Code::kDataLoss) << out.error().message();
  }
}

TEST(Decompress, StopsBombs) {
  std::string zeros(64 << 20, '\0');
  DecompressLimits limits{.max_ratio = 100, .free_bytes = 1 << 20};
  for (const std::string& bomb : {Gzip(zeros), Zstd(zeros), Gzip(Gzip(zeros)) + Gzip(zeros)}) {
    Result<std::string> out = Inflate(bomb, limits);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), Code::kInvalidArgument);
    EXPECT_NE(out.error().message().find("expands too far"), std::string::npos);
  }
  EXPECT_TRUE(Inflate(Gzip(zeros), {}));
  Result<std::string> total = Inflate(Sample(5000), {.max_bytes = 4999});
  ASSERT_FALSE(total);
  EXPECT_EQ(total.error().code(), Code::kInvalidArgument);
}

TEST(Decompress, RefusesZstdWindowsThatTakeTooMuchMemory) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 28);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string text = Sample(10'000);
  std::string out(1 << 20, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // In two steps: with all input at hand the encoder would choose a smaller window.
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  ASSERT_EQ(ZSTD_compressStream2(context, &to, &in, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  EXPECT_FALSE(Inflate(out, {.zstd_window_log = 27}));
  EXPECT_TRUE(Inflate(out, {.zstd_window_log = 28}));
}

TEST(LayerCompression, KnowsLayerTypesByName) {
  EXPECT_EQ(*LayerCompression("application/vnd.oci.image.layer.v1.tar+gzip"), Compression::kGzip);
  EXPECT_EQ(*LayerCompression("application/vnd.oci.image.layer.v1.tar+zstd"), Compression::kZstd);
  EXPECT_EQ(*LayerCompression("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            Compression::kGzip);
  EXPECT_EQ(*LayerCompression("application/vnd.oci.image.layer.v1.tar"), Compression::kNone);
  EXPECT_FALSE(LayerCompression(""));
  EXPECT_FALSE(LayerCompression("application/vnd.oci.image.config.v1+json"));
}

}  // namespace
}  // namespace onggi
