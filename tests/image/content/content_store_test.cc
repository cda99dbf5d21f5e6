#include "image/content/content_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "tests/image/layer/compress.h"

namespace onggi {
namespace {

class Content : public testing::Test {
 protected:
  void SetUp() override {
    Result<TempDir> dir = TempDir::Make();
    ASSERT_TRUE(dir);
    dir_ = std::make_unique<TempDir>(std::move(dir).value());
    Reopen();
  }
  void Reopen() {
    store_.reset();
    Result<std::unique_ptr<ContentStore>> store = ContentStore::Open(dir_->path() + "/content");
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(store).value();
  }
  std::string Ingest(const std::string& name) { return dir_->path() + "/content/ingest/" + name; }
  std::string Partial(const Digest& digest) {
    return Ingest(std::string(digest.hex()) + ".partial");
  }

  std::unique_ptr<TempDir> dir_;
  std::unique_ptr<ContentStore> store_;
};

TEST_F(Content, KeepsWhatIsPutAndCountsIt) {
  Result<BlobInfo> a = store_->Put("hello");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->digest, Digest::Of("hello"));
  EXPECT_EQ(a->size, 5u);
  ASSERT_TRUE(store_->Put("hello"));
  ASSERT_TRUE(store_->Put("bye"));
  EXPECT_EQ(store_->Usage().bytes, 8u);
  EXPECT_EQ(store_->Usage().blobs, 2u);
  EXPECT_EQ(store_->List().size(), 2u);
  EXPECT_EQ(*store_->Read(a->digest, 100), "hello");
  EXPECT_EQ(store_->Read(a->digest, 4).error().code(), Code::kResourceExhausted);
  Reopen();
  EXPECT_EQ(store_->Usage().bytes, 8u);
  EXPECT_EQ(*store_->Read(a->digest, 100), "hello");
  ASSERT_TRUE(store_->Remove(a->digest));
  ASSERT_TRUE(store_->Remove(a->digest));
  EXPECT_FALSE(store_->Has(a->digest));
  EXPECT_EQ(store_->Usage().bytes, 3u);
  EXPECT_EQ(store_->Stat(a->digest).error().code(), Code::kNotFound);
  EXPECT_EQ(store_->Open(a->digest).error().code(), Code::kNotFound);
}

TEST_F(Content, ResumesAPartialBlobAfterRestart) {
  std::string bytes = Sample(400'000);
  Digest digest = Digest::Of(bytes);
  {
    auto ingest = store_->Begin(digest, bytes.size());
    ASSERT_TRUE(ingest);
    ASSERT_TRUE((*ingest)->Write(std::string_view(bytes).substr(0, 300'000)));
  }
  Reopen();
  EXPECT_FALSE(store_->Has(digest));
  auto ingest = store_->Begin(digest, bytes.size());
  ASSERT_TRUE(ingest);
  ASSERT_EQ((*ingest)->offset(), 300'000u);
  StringSource rest(std::string_view(bytes).substr(300'000));
  TeeSource tee(rest, **ingest);
  Result<std::string> seen = ReadToEnd(tee, 1 << 20);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(*seen == bytes);
  ASSERT_TRUE((*ingest)->Commit());
  EXPECT_TRUE(store_->Verify(digest));
  EXPECT_FALSE(PathExists(Partial(digest)));
}

TEST_F(Content, RefusesBytesThatAreNotWhatWasPromised) {
  Digest digest = Digest::Of("right");
  {
    auto ingest = store_->Begin(digest, 5);
    ASSERT_TRUE((*ingest)->Write("wrong"));
    Result<BlobInfo> info = (*ingest)->Commit();
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code(), Code::kDataLoss);
    EXPECT_NE(info.error().message().find(digest.text()), std::string::npos);
    EXPECT_NE(info.error().message().find(Digest::Of("wrong").text()), std::string::npos);
    EXPECT_FALSE(PathExists(Partial(digest)));
    EXPECT_FALSE((*ingest)->Write("x"));
    EXPECT_FALSE((*ingest)->Commit());
  }
  {
    auto ingest = store_->Begin(digest, 5);
    Result<> more = (*ingest)->Write("right and more");
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code(), Code::kDataLoss);
    EXPECT_FALSE(PathExists(Partial(digest)));
  }
  {
    auto ingest = store_->Begin(digest, 5);
    ASSERT_TRUE((*ingest)->Write("rig"));
    Result<BlobInfo> info = (*ingest)->Commit();
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code(), Code::kDataLoss);
  }
  EXPECT_TRUE(PathExists(Partial(digest)));  // a true beginning stays
  EXPECT_FALSE(store_->Has(digest));
  EXPECT_EQ(store_->Usage().blobs, 0u);
}

TEST_F(Content, LetsOneIngestOfABlobRun) {
  Digest digest = Digest::Of("x");
  auto first = store_->Begin(digest, 1);
  ASSERT_TRUE(first);
  EXPECT_EQ(store_->Begin(digest, 1).error().code(), Code::kAborted);
  ASSERT_TRUE((*first)->Write("x"));
  ASSERT_TRUE((*first)->Commit());
  first->reset();
  EXPECT_EQ(store_->Begin(digest, 1).error().code(), Code::kAlreadyExists);
}

TEST_F(Content, RestartsWhenTheServerCannotResume) {
  Digest digest = Digest::Of("right");
  auto ingest = store_->Begin(digest, 5);
  ASSERT_TRUE((*ingest)->Write("rig"));
  ASSERT_TRUE((*ingest)->Restart());
  EXPECT_EQ((*ingest)->offset(), 0u);
  ASSERT_TRUE((*ingest)->Write("right"));
  EXPECT_TRUE((*ingest)->Commit());
}

TEST_F(Content, ToleratesTheSameBlobFromTwoSides) {
  auto a = store_->BeginUnnamed();
  auto b = store_->BeginUnnamed();
  ASSERT_TRUE((*a)->Write("same"));
  ASSERT_TRUE((*b)->Write("same"));
  ASSERT_TRUE((*a)->Commit());
  ASSERT_TRUE((*b)->Commit());
  EXPECT_EQ(store_->Usage().blobs, 1u);
  EXPECT_EQ(store_->Usage().bytes, 4u);
}

TEST_F(Content, NoticesDamagedBlobs) {
  Result<BlobInfo> blob = store_->Put("some content");
  std::string path = dir_->path() + "/content/blobs/sha256/" + std::string(blob->digest.hex());
  ASSERT_TRUE(WriteFileAtomic(path, "some c0ntent"));
  EXPECT_EQ(store_->Verify(blob->digest).error().code(), Code::kDataLoss);
  EXPECT_EQ(store_->Read(blob->digest, 100).error().code(), Code::kDataLoss);
}

TEST_F(Content, SweepsOldUnfinishedFilesButNoActiveOnes) {
  Digest active = Digest::Of("a");
  Digest old = Digest::Of("b");
  Digest fresh = Digest::Of("c");
  ASSERT_TRUE((*store_->Begin(old, 10))->Write("12345"));
  ASSERT_TRUE((*store_->Begin(fresh, 10))->Write("1"));
  auto running = store_->Begin(active, 10);
  ASSERT_TRUE((*running)->Write("123"));
  timespec past[2] = {{1000, 0}, {1000, 0}};
  for (const Digest& digest : {active, old}) {
    ASSERT_EQ(utimensat(AT_FDCWD, Partial(digest).c_str(), past, 0), 0);
  }
  Result<uint64_t> freed = store_->Sweep(std::chrono::hours(1));
  ASSERT_TRUE(freed);
  EXPECT_EQ(*freed, 5u);
  EXPECT_TRUE(PathExists(Partial(active)));
  EXPECT_TRUE(PathExists(Partial(fresh)));
  EXPECT_FALSE(PathExists(Partial(old)));
}

TEST_F(Content, RemovesUnnamedLeftoversWhenOpened) {
  ASSERT_TRUE(WriteFileAtomic(Ingest("0123.tmp"), "left"));
  ASSERT_TRUE(WriteFileAtomic(Partial(Digest::Of("x")), ""));
  Reopen();
  EXPECT_FALSE(PathExists(Ingest("0123.tmp")));
  EXPECT_TRUE(PathExists(Partial(Digest::Of("x"))));
}

// On a small file system of its own.
TEST_F(Content, FullDiskIsSaidAndTheSpaceComesBack) {
  std::string mount_point = dir_->path() + "/small";
  ASSERT_TRUE(MakeDirs(mount_point));
  ASSERT_EQ(mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=1m"), 0) << strerror(errno);
  struct Unmount {
    std::string path;
    ~Unmount() { EXPECT_EQ(umount2(path.c_str(), MNT_DETACH), 0); }
  } unmount{mount_point};
  {
    auto small = ContentStore::Open(mount_point + "/content");
    ASSERT_TRUE(small);
    std::string bytes = Sample(2 << 20);
    auto ingest = (*small)->Begin(Digest::Of(bytes), bytes.size());
    Result<> result = (*ingest)->Write(bytes);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Code::kResourceExhausted);
    EXPECT_NE(result.error().message().find("No space left"), std::string::npos);
    ingest->reset();
    EXPECT_TRUE((*small)->Put(Sample(512 << 10)));
  }
}

}  // namespace
}  // namespace onggi
