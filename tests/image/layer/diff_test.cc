#include "image/layer/diff.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "image/layer/apply.h"
#include "tests/image/layer/tar_builder.h"

namespace onggi {
namespace {

class Diff : public testing::Test {
 protected:
  void SetUp() override {
    Result<TempDir> dir = TempDir::Make();
    ASSERT_TRUE(dir);
    dir_ = std::make_unique<TempDir>(std::move(dir).value());
    store_ = std::move(ContentStore::Open(dir_->path() + "/content")).value();
    upper_ = dir_->path() + "/upper";
    ASSERT_TRUE(MakeDirs(upper_ + "/etc/empty"));
  }
  void Fill() {
    ASSERT_TRUE(WriteFileAtomic(upper_ + "/etc/b", "bytes", 0640));
    ASSERT_EQ(chown((upper_ + "/etc/b").c_str(), 1000, 3'000'000), 0);
    ASSERT_EQ(link((upper_ + "/etc/b").c_str(), (upper_ + "/z").c_str()), 0);
    ASSERT_TRUE(WriteFileAtomic(upper_ + "/etc/a", std::string(100'000, 'a')));
    ASSERT_EQ(setxattr((upper_ + "/etc/a").c_str(), "trusted.kept", "v", 1, 0), 0);
    ASSERT_EQ(symlink("/target", (upper_ + "/link").c_str()), 0);
    ASSERT_EQ(mknod((upper_ + "/etc/gone").c_str(), S_IFCHR, makedev(0, 0)), 0);
    ASSERT_EQ(mknod((upper_ + "/null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
    ASSERT_EQ(mkfifo((upper_ + "/pipe").c_str(), 0600), 0);
    ASSERT_EQ(setxattr((upper_ + "/etc/empty").c_str(), "trusted.overlay.opaque", "y", 1, 0), 0);
  }
  Result<ApplyResult> Apply(const DiffResult& diff, RecordingSink& sink) {
    TRY_ASSIGN(UniqueFd fd, store_->Open(diff.digest));
    FdSource source(fd.get());
    return ApplyLayer(source, sink, {.media_type = diff.media_type, .diff_id = diff.diff_id});
  }

  std::unique_ptr<TempDir> dir_;
  std::unique_ptr<ContentStore> store_;
  std::string upper_;
};

TEST_F(Diff, WritesWhatApplyReads) {
  Fill();
  for (Compression compression : {Compression::kGzip, Compression::kZstd, Compression::kNone}) {
    Result<DiffResult> diff = DiffLayer(upper_, *store_, {.compression = compression});
    ASSERT_TRUE(diff) << diff.error().message();
    EXPECT_TRUE(store_->Verify(diff->digest));
    RecordingSink sink;
    Result<ApplyResult> applied = Apply(*diff, sink);
    ASSERT_TRUE(applied) << applied.error().message();
    EXPECT_EQ(applied->uncompressed_bytes, diff->uncompressed_bytes);
    std::vector<std::string> seen;
    for (const Recorded& one : sink.done) seen.push_back(one.what + " " + one.entry.path);
    EXPECT_EQ(seen, (std::vector<std::string>{
                        "add etc/", "add etc/a", "add etc/b", "add etc/empty/", "opaque etc/empty/",
                        "whiteout etc/gone", "add link", "add null", "add pipe", "add z"}));
    EXPECT_EQ(sink.done[1].data, std::string(100'000, 'a'));
    EXPECT_EQ(sink.done[1].entry.xattrs.at("trusted.kept"), "v");
    EXPECT_EQ(sink.done[2].entry.mode, 0640u);
    EXPECT_EQ(sink.done[2].entry.uid, 1000u);
    EXPECT_EQ(sink.done[2].entry.gid, 3'000'000u);
    EXPECT_TRUE(sink.done[3].entry.xattrs.empty());
    EXPECT_EQ(sink.done[6].entry.link_target, "/target");
    EXPECT_EQ(sink.done[7].entry.device_minor, 3u);
    EXPECT_EQ(sink.done[9].entry.type, EntryType::kHardLink);
    EXPECT_EQ(sink.done[9].entry.link_target, "etc/b");
  }
}

TEST_F(Diff, IsReproducibleAndClampsTimes) {
  Fill();
  Result<DiffResult> first = DiffLayer(upper_, *store_, {.clamp_mtime_s = 1000});
  ASSERT_TRUE(first);
  timespec now[2] = {{2'000'000, 0}, {2'000'000, 5}};
  ASSERT_EQ(utimensat(AT_FDCWD, (upper_ + "/etc/a").c_str(), now, 0), 0);
  Result<DiffResult> second = DiffLayer(upper_, *store_, {.clamp_mtime_s = 1000});
  EXPECT_EQ(first->digest, second->digest);
  EXPECT_EQ(first->diff_id, second->diff_id);
  EXPECT_NE(DiffLayer(upper_, *store_)->diff_id, second->diff_id);
  RecordingSink sink;
  ASSERT_TRUE(Apply(*second, sink));
  for (const Recorded& one : sink.done) EXPECT_LE(one.entry.mtime_ns, 1'000'000'000'000);
}

TEST_F(Diff, RefusesPartsOfFiles) {
  ASSERT_TRUE(WriteFileAtomic(upper_ + "/etc/part", ""));
  ASSERT_EQ(setxattr((upper_ + "/etc/part").c_str(), "trusted.overlay.metacopy", "", 0, 0), 0);
  Result<DiffResult> diff = DiffLayer(upper_, *store_);
  ASSERT_FALSE(diff);
  EXPECT_EQ(diff.error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(store_->Usage().blobs, 0u);
}

}  // namespace
}  // namespace onggi
