#include "image/pull.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/child_process.h"
#include "tests/image/node_images.h"
#include "tests/support/registry.h"
#include "tests/support/require_root.h"
#include "tests/support/test_images.h"

namespace onggi {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::NodeImages;
using testing::PlainHttp;
using testing::Registry;
using ::testing::StartsWith;

std::string Shell(const std::string& command) {
  auto output = RunCommand({.argv = {"/bin/sh", "-c", command}, .env = {"PATH=/usr/bin:/bin"}});
  EXPECT_TRUE(output && output->status.ok()) << command;
  return output ? output->out : "";
}

class PullTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (geteuid() != 0) return;
    dir_ = std::make_unique<TempDir>(TempDir::Make("/var/tmp").value());
    registry_ = Registry::Start({});
    std::string base = testing::MakeTestImage(
        dir_->path(),
        {.tag = "base",
         .layers = {testing::kBusyboxLayer, "mkdir etc && echo hello > etc/motd",
                    "mkdir -p etc && touch etc/.wh.motd && echo two > etc/second"},
         .config = {"--config.cmd", "sh", "--config.env", "COLOR=blue", "--config.user", "1:1"}});
    registry_->Push(base, "base:1");
    registry_->Push(base, "copy:2");
  }
  static void TearDownTestSuite() {
    registry_.reset();
    dir_.reset();
  }
  void SetUp() override { ONGGI_REQUIRE_ROOT(); }
  static std::string Name(const std::string& rest) { return registry_->host() + "/" + rest; }
  static Result<std::string> Pull(NodeImages& node, const std::string& rest) {
    return node.images->Pull({.reference = Name(rest)});
  }
  static std::string LargestBlobFile() {
    std::string found =
        Shell("find " + registry_->directory() +
              "/data -name data -size +100k -printf '%s %p\\n' | sort -n | tail -1");
    return found.substr(found.find(' ') + 1, found.find('\n') - found.find(' ') - 1);
  }

  static inline std::unique_ptr<TempDir> dir_;
  static inline std::unique_ptr<Registry> registry_;
};

TEST_F(PullTest, AnImageIsListedUnpackedAndItsIdIsTheConfigDigest) {
  NodeImages node(PlainHttp(registry_->host()));
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string id, Pull(node, "base:1"));
  ONGGI_ASSERT_OK_AND_ASSIGN(Image image, node.images->Find(Name("base:1")));
  EXPECT_EQ(image.id, id);
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string config, node.images->ConfigJson(id));
  EXPECT_EQ(Digest::Of(config).text(), id);
  EXPECT_THAT(image.repo_tags, ElementsAre(Name("base:1")));
  EXPECT_THAT(image.repo_digests, ElementsAre(Name("base@") + image.manifest_digest));
  EXPECT_GT(image.size_bytes, 500'000u);
  EXPECT_EQ(image.config.user, "1:1");
  EXPECT_THAT(image.config.command, ElementsAre("sh"));
  EXPECT_THAT(image.config.env, ::testing::Contains("COLOR=blue"));
  EXPECT_EQ(node.Snapshots(), 3u);
  EXPECT_EQ(node.FileOf(id, "/etc/second"), "two\n");
  EXPECT_THAT(node.FileOf(id, "/etc/passwd"), StartsWith("root:x:0"));
  EXPECT_EQ(node.Blobs(), 5u);  // three layers, config, manifest
}

TEST_F(PullTest, ASecondNameOfTheSameImageFetchesNoLayer) {
  NodeImages node(PlainHttp(registry_->host()));
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string id, Pull(node, "base:1"));
  size_t before = registry_->Log().size();
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string again, Pull(node, "copy:2"));
  EXPECT_EQ(again, id);
  EXPECT_THAT(registry_->Log().substr(before), ::testing::Not(HasSubstr("/blobs/")));
  ONGGI_ASSERT_OK_AND_ASSIGN(Image image, node.images->Find(id.substr(7, 12)));
  EXPECT_THAT(image.repo_tags, ElementsAre(Name("base:1"), Name("copy:2")));
}

TEST_F(PullTest, RemovingByOneNameRemovesAllAndReturnsTheSpace) {
  NodeImages node(PlainHttp(registry_->host()));
  ASSERT_THAT(Pull(node, "base:1"), IsOk());
  ASSERT_THAT(Pull(node, "copy:2"), IsOk());
  ASSERT_THAT(node.images->Remove(Name("copy:2")), IsOk());
  EXPECT_THAT(node.images->List(), ::testing::IsEmpty());
  EXPECT_THAT(node.images->Find(Name("base:1")), FailsWith(Code::kNotFound));
  EXPECT_EQ(node.Snapshots(), 0u);
  EXPECT_EQ(node.Blobs(), 0u);
  EXPECT_THAT(node.images->Remove(Name("copy:2")), IsOk());
  EXPECT_EQ(node.images->FsUsage().value().used_bytes, 0u);
}

TEST_F(PullTest, ALeasedImageLeavesTheListButItsSnapshotsStayUntilTheLeaseEnds) {
  NodeImages node(PlainHttp(registry_->host()));
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string id, Pull(node, "base:1"));
  ASSERT_THAT(node.images->Lease("c1", id), IsOk());
  ASSERT_THAT(node.images->Remove(id), IsOk());
  EXPECT_THAT(node.images->List(), ::testing::IsEmpty());
  EXPECT_EQ(node.Snapshots(), 3u);
  node.Close();
  node.Open();
  EXPECT_EQ(node.Snapshots(), 3u);
  ASSERT_THAT(node.images->Unlease("c1"), IsOk());
  EXPECT_EQ(node.Snapshots(), 0u);
  EXPECT_THAT(node.images->Lease("c2", id), FailsWith(Code::kNotFound));
}

TEST_F(PullTest, TheListSurvivesARestart) {
  NodeImages node(PlainHttp(registry_->host()));
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string id, Pull(node, "base:1"));
  node.Close();
  node.Open();
  ONGGI_ASSERT_OK_AND_ASSIGN(Image image, node.images->Find(Name("base:1")));
  EXPECT_EQ(image.id, id);
  EXPECT_EQ(image.config.user, "1:1");
}

TEST_F(PullTest, AnImageOfAnEarlierBootThatWasNotDurableIsDropped) {
  NodeImages node(PlainHttp(registry_->host()));
  ASSERT_THAT(Pull(node, "base:1"), IsOk());
  ASSERT_THAT(node.database->Execute("UPDATE images SET boot_id = 'another'"), IsOk());
  node.Close();
  node.Open();
  EXPECT_THAT(node.images->List(), ::testing::IsEmpty());
  EXPECT_EQ(node.Snapshots(), 0u);
  EXPECT_THAT(Pull(node, "base:1"), IsOk());
}

TEST_F(PullTest, AnUnknownImageIsNotFoundWithWhatWasTried) {
  NodeImages node(PlainHttp(registry_->host()));
  auto missing = Pull(node, "no/such:1");
  EXPECT_THAT(missing, FailsWith(Code::kNotFound, "http://" + registry_->host() + "/v2"));
  EXPECT_THAT(missing, FailsWith(Code::kNotFound, "no/such:1"));
}

TEST_F(PullTest, ARegistryThatIsDownIsUnavailableByPrefix) {
  NodeImages node;
  auto down = node.images->Pull({.reference = "127.0.0.1:9/x:1"});
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code(), Code::kUnknown);
  EXPECT_THAT(down.error().message(), StartsWith("RegistryUnavailable: "));
}

TEST_F(PullTest, PlainHttpIsSpokenOnlyWhereItIsWritten) {
  NodeImages node;
  EXPECT_THAT(node.images->Pull({.reference = Name("base:1")}),
              FailsWith(Code::kFailedPrecondition, "registry.mirrors"));
}

TEST_F(PullTest, AMirrorIsAskedFirstAndTheHostAfterIt) {
  ImageServiceOptions options;
  options.mirrors["registry.invalid"] = {{.url = "http://127.0.0.1:9"},
                                         {.url = "http://" + registry_->host()}};
  NodeImages node(options);
  ASSERT_THAT(node.images->Pull({.reference = "registry.invalid/base:1"}), IsOk());
  EXPECT_THAT(node.images->Find("registry.invalid/base:1"), IsOk());
  auto missing = node.images->Pull({.reference = "registry.invalid/none:1"});
  EXPECT_THAT(missing, FailsWith(Code::kNotFound, "http://127.0.0.1:9/v2"));
  EXPECT_THAT(missing, FailsWith(Code::kNotFound, "https://registry.invalid/v2"));
}

TEST_F(PullTest, ByDigestTheSameImageComes) {
  NodeImages node(PlainHttp(registry_->host()));
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string id, Pull(node, "base:1"));
  std::string digest = node.images->Find(id)->manifest_digest;
  ASSERT_THAT(node.images->Remove(id), IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string again, Pull(node, "base:9@" + digest));
  EXPECT_EQ(again, id);
  ONGGI_ASSERT_OK_AND_ASSIGN(Image image, node.images->Find(Name("base@" + digest)));
  EXPECT_THAT(image.repo_tags, ::testing::IsEmpty());
  EXPECT_THAT(node.images->Find(digest), IsOk());
}

TEST_F(PullTest, ABlobWithOtherBytesLeavesNothing) {
  std::string blob = LargestBlobFile();
  Shell("cp " + blob + " " + blob + ".good && printf '\\377' | dd of=" + blob +
        " bs=1 seek=90000 conv=notrunc status=none");
  NodeImages node(PlainHttp(registry_->host()));
  auto damaged = Pull(node, "base:1");
  EXPECT_THAT(damaged, FailsWith(Code::kDataLoss, "sha256:"));
  EXPECT_EQ(node.Snapshots(), 0u);
  EXPECT_EQ(node.Blobs(), 0u);
  EXPECT_EQ(Shell("ls " + node.dir.path() + "/content/ingest"), "");
  Shell("mv " + blob + ".good " + blob);
  EXPECT_THAT(Pull(node, "base:1"), IsOk());
}

TEST_F(PullTest, ABlobOfAnotherSizeIsRefusedAtOnce) {
  std::string blob = LargestBlobFile();
  Shell("cp " + blob + " " + blob + ".good && printf x >> " + blob);
  NodeImages node(PlainHttp(registry_->host()));
  EXPECT_THAT(Pull(node, "base:1"), FailsWith(Code::kDataLoss, "bytes, got"));
  EXPECT_EQ(node.Blobs(), 0u);
  Shell("mv " + blob + ".good " + blob);
}

TEST_F(PullTest, IdenticalPullsAreOne) {
  NodeImages node(PlainHttp(registry_->host()));
  size_t before = registry_->Log().size();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { good += Pull(node, "base:1").has_value() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  // Whatever did not join found the layers there: each blob travelled once.
  std::string log = registry_->Log().substr(before);
  size_t requests = 0;
  for (size_t at = log.find("\"GET /v2/base/blobs/"); at != std::string::npos;
       at = log.find("\"GET /v2/base/blobs/", at + 1)) {
    ++requests;
  }
  EXPECT_LE(requests, 4u);
}

TEST_F(PullTest, ACancelledPullListsNothing) {
  NodeImages node(PlainHttp(registry_->host()));
  CancelSource cancel;
  PullOptions options{.reference = Name("base:1")};
  options.cancel = cancel.token();
  options.on_progress = [&](const PullProgress& progress) {
    if (progress.stage == "pulling") cancel.Cancel();
  };
  EXPECT_THAT(node.images->Pull(options), FailsWith(Code::kCancelled));
  EXPECT_EQ(node.Snapshots(), 0u);
  EXPECT_THAT(node.images->List(), ::testing::IsEmpty());
  EXPECT_THAT(Pull(node, "base:1"), IsOk());
}

TEST_F(PullTest, ProgressEndsWithEverythingDone) {
  NodeImages node(PlainHttp(registry_->host()));
  PullProgress last;
  PullOptions options{.reference = Name("base:1")};
  options.on_progress = [&](const PullProgress& progress) { last = progress; };
  ASSERT_THAT(node.images->Pull(options), IsOk());
  EXPECT_EQ(last.stage, "done");
  EXPECT_EQ(last.layers_done, 3);
  EXPECT_EQ(last.layers_total, 3);
  EXPECT_EQ(last.bytes_done, last.bytes_total);
}

TEST_F(PullTest, BlobsAreNotKeptWhenTheConfigurationSaysSo) {
  ImageServiceOptions options = PlainHttp(registry_->host());
  options.keep_blobs = false;
  NodeImages node(options);
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string id, Pull(node, "base:1"));
  EXPECT_EQ(node.Blobs(), 2u);  // config and manifest
  EXPECT_EQ(node.FileOf(id, "/etc/second"), "two\n");
  EXPECT_THAT(node.verbs().Export(id), FailsWith(Code::kFailedPrecondition, "keep_blobs"));
}

}  // namespace
}  // namespace onggi
