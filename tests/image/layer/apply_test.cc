#include "image/layer/apply.h"

#include <gtest/gtest.h>

#include "tests/image/layer/compress.h"
#include "tests/image/layer/tar_builder.h"

namespace onggi {
namespace {

Result<ApplyResult> Apply(std::string_view bytes, LayerSink& sink, ApplyOptions options = {}) {
  StringSource source(bytes);
  return ApplyLayer(source, sink, options);
}

TEST(ApplyLayer, GivesEntriesDataAndDiffId) {
  std::string big = Sample(3 << 20);
  std::string tar = TarBuilder()
                        .Dir("./")
                        .Dir("etc/")
                        .File("etc/passwd", "root:x:0:0\n")
                        .File("etc/empty")
                        .File("big", big)
                        .Symlink("lib", "usr/lib")
                        .HardLink("etc/same", "etc/passwd")
                        .End();
  struct {
    std::string bytes;
    const char* name;
  } cases[] = {{tar, "plain"}, {Gzip(tar), "gzip"}, {Zstd(tar), "zstd"}};
  for (const auto& one : cases) {
    RecordingSink sink;
    Result<ApplyResult> result = Apply(one.bytes, sink);
    ASSERT_TRUE(result) << one.name << ": " << result.error().message();
    EXPECT_EQ(result->diff_id, Digest::Of(tar));
    EXPECT_EQ(result->compressed_bytes, one.bytes.size()) << one.name;
    EXPECT_EQ(result->uncompressed_bytes, tar.size());
    EXPECT_EQ(result->entries, 7u);
    EXPECT_TRUE(sink.finished);
    ASSERT_EQ(sink.done.size(), 7u);
    EXPECT_EQ(sink.done[2].data, "root:x:0:0\n");
    EXPECT_TRUE(sink.done[4].data == big);
    EXPECT_EQ(sink.done[5].entry.link_target, "usr/lib");
    EXPECT_EQ(sink.done[6].entry.type, EntryType::kHardLink);
  }
}

TEST(ApplyLayer, TakesBytesInAnyPortions) {
  std::string tar =
      TarBuilder().File("a", Sample(100'000)).File("b", Sample(70'001, 7)).File("c", "x").End();
  for (const std::string& bytes : {tar, Gzip(tar), Zstd(tar)}) {
    for (size_t step : {1u, 7u, 511u, 4097u}) {
      DripSource source(bytes, step);
      RecordingSink sink;
      Result<ApplyResult> result = ApplyLayer(source, sink);
      ASSERT_TRUE(result) << step << ": " << result.error().message();
      EXPECT_EQ(result->diff_id, Digest::Of(tar));
      EXPECT_TRUE(sink.done[1].data == Sample(70'001, 7));
    }
  }
}

TEST(ApplyLayer, TranslatesWhiteouts) {
  std::string tar = TarBuilder()
                        .File("etc/.wh.passwd")
                        .File("./var/.wh..wh..opq")
                        .File(".wh..wh..opq")
                        .File(".wh.top")
                        .Dir(".wh..wh.plnk/")
                        .File(".wh..wh.plnk/1.2", "x")
                        .File("not.wh.one", "y")
                        .End();
  RecordingSink sink;
  Result<ApplyResult> result = Apply(tar, sink);
  ASSERT_TRUE(result) << result.error().message();
  std::vector<std::string> seen;
  for (const Recorded& one : sink.done) seen.push_back(one.what + " " + one.entry.path);
  EXPECT_EQ(seen, (std::vector<std::string>{"whiteout etc/passwd", "opaque ./var/", "opaque .",
                                            "whiteout top", "add not.wh.one"}));
}

TEST(ApplyLayer, ChecksTheDiffId) {
  std::string tar = TarBuilder().File("a", "b").End();
  RecordingSink sink;
  ApplyOptions options;
  options.diff_id = Digest::Of("something else");
  Result<ApplyResult> result = Apply(tar, sink, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::kDataLoss);
  EXPECT_NE(result.error().message().find(Digest::Of(tar).text()), std::string::npos);
  EXPECT_NE(result.error().message().find(options.diff_id.text()), std::string::npos);
  EXPECT_FALSE(sink.finished);
}

TEST(ApplyLayer, DropsOverlaysOwnXattrs) {
  std::string tar = TarBuilder()
                        .Pax({{"SCHILY.xattr.trusted.overlay.opaque", "y"},
                              {"SCHILY.xattr.trusted.overlay.redirect", "/etc"},
                              {"SCHILY.xattr.user.kept", std::string("a\0b", 3)}})
                        .Dir("d/")
                        .End();
  RecordingSink sink;
  ASSERT_TRUE(Apply(tar, sink));
  ASSERT_EQ(sink.done[0].entry.xattrs.size(), 1u);
  EXPECT_EQ(sink.done[0].entry.xattrs.at("user.kept"), std::string("a\0b", 3));
}

TEST(ApplyLayer, RefusesNamesThatLeaveTheLayer) {
  struct {
    std::string tar;
    const char* name;
  } cases[] = {
      {TarBuilder().File("../a").End(), "dot-dot"},
      {TarBuilder().File("a/../../b").End(), "dot-dot inside"},
      {TarBuilder().File("a/..").End(), "dot-dot at the end"},
      {TarBuilder().File("/../a").End(), "absolute dot-dot"},
      {TarBuilder().File("").End(), "empty"},
      {TarBuilder().HardLink("a", "../etc/passwd").End(), "hard link dot-dot"},
      {TarBuilder().HardLink("a", "").End(), "hard link to nothing"},
      {TarBuilder().File(".wh.").End(), "whiteout of nothing"},
      {TarBuilder().File("a/.wh..").End(), "whiteout of dot"},
      {TarBuilder().File("a/.wh...").End(), "whiteout of dot-dot"},
      {TarBuilder().File("a/.wh..wh.x").End(), "whiteout of a whiteout"},
      {TarBuilder().File("a/.wh.b/c").End(), "child of a whiteout"},
      {TarBuilder().File("../.wh.a").End(), "whiteout outside"},
      {TarBuilder().File("../.wh..wh..opq").End(), "opaque outside"},
      {TarBuilder().Pax({{"path", std::string("a\0b", 3)}}).File("x").End(), "NUL"},
  };
  for (const auto& one : cases) {
    RecordingSink sink;
    Result<ApplyResult> result = Apply(one.tar, sink);
    ASSERT_FALSE(result) << one.name;
    EXPECT_EQ(result.error().code(), Code::kInvalidArgument) << one.name;
    EXPECT_TRUE(sink.done.empty()) << one.name;
  }
}

TEST(ApplyLayer, RefusesEveryTruncation) {
  std::string tar = TarBuilder().File("a", Sample(5000)).File("b", Sample(700)).End();
  for (const std::string& bytes : {Gzip(tar), Zstd(tar)}) {
    for (size_t size = 1; size < bytes.size(); size += 1 + bytes.size() / 97) {
      RecordingSink sink;
      Result<ApplyResult> result = Apply(std::string_view(bytes).substr(0, size), sink);
      ASSERT_FALSE(result) << size;
      EXPECT_FALSE(sink.finished);
    }
  }
  // A plain tar that is cut at an entry's border is whole by itself; its digest is not.
  for (size_t size : {1u, 511u, 513u, 5000u, 6143u}) {
    RecordingSink sink;
    Result<ApplyResult> result = Apply(std::string_view(tar).substr(0, size), sink);
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().code(), Code::kDataLoss) << size;
  }
}

TEST(ApplyLayer, StopsWhenCancelled) {
  CancelSource cancel;
  cancel.Cancel();
  ApplyOptions options;
  options.cancel = cancel.token();
  RecordingSink sink;
  Result<ApplyResult> result = Apply(TarBuilder().File("a").End(), sink, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::kCancelled);
}

class FailingSink : public RecordingSink {
 public:
  Result<> Write(std::string_view) override { return SysError("write", ENOSPC); }
};

TEST(ApplyLayer, ReturnsTheSinksErrorWithTheEntry) {
  FailingSink sink;
  std::string tar = TarBuilder().File("a", Sample(20 << 20)).End();
  Result<ApplyResult> result = Apply(Zstd(tar), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::kResourceExhausted);
  EXPECT_EQ(result.error().message(), "entry 'a': write: No space left on device");
}

class BrokenSource : public ByteSource {
 public:
  explicit BrokenSource(std::string_view bytes) : good_(bytes) {}
  Result<size_t> Read(std::span<char> buffer) override {
    TRY_ASSIGN(size_t got, good_.Read(buffer));
    if (got == 0) return Unavailable("connection lost");
    return got;
  }

 private:
  StringSource good_;
};

TEST(ApplyLayer, ReturnsTheSourcesError) {
  std::string tar = TarBuilder().File("a", Sample(2 << 20)).End();
  std::string gz = Gzip(tar);
  BrokenSource source(std::string_view(gz).substr(0, gz.size() / 2));
  RecordingSink sink;
  Result<ApplyResult> result = ApplyLayer(source, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::kUnavailable);
}

TEST(ApplyLayer, RefusesMediaTypesItCannotRead) {
  for (const char* type :
       {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/x-unknown"}) {
    ApplyOptions options;
    options.media_type = type;
    RecordingSink sink;
    Result<ApplyResult> result = Apply(TarBuilder().File("a").End(), sink, options);
    ASSERT_FALSE(result) << type;
    EXPECT_EQ(result.error().code(), Code::kInvalidArgument);
    EXPECT_NE(result.error().message().find(type), std::string::npos);
  }
}

}  // namespace
}  // namespace onggi
