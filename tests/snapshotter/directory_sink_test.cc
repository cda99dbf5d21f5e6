#include "snapshotter/directory_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/canary.h"
#include "tests/support/layer_entries.h"
#include "tests/support/matchers.h"
#include "tests/support/require_root.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::BlockEntry;
using testing::Canary;
using testing::CharEntry;
using testing::DescribeTree;
using testing::DirEntry;
using testing::FailsWith;
using testing::FifoEntry;
using testing::FileEntry;
using testing::HardLinkEntry;
using testing::IsOk;
using testing::SymlinkEntry;
using testing::TempTree;

// A sink below a tree of its own, with a tree beside it that must stay as it is.
class DirectorySinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ONGGI_REQUIRE_ROOT();
    tree_.Dir("root");
    tree_.File("outside/file", "canary");
    tree_.Dir("outside/dir");
    canary_.emplace(tree_ / "outside");
    sink_.emplace(Open(tree_ / "root", O_RDONLY | O_DIRECTORY).value());
  }
  void TearDown() override {
    if (canary_) {
      EXPECT_EQ(canary_->Changes(), "");
    }
  }

  Result<> Add(LayerEntry entry, std::string_view bytes = "") {
    entry.size = bytes.size();
    TRY(sink_->Add(entry));
    return bytes.empty() ? Ok() : sink_->Write(bytes);
  }
  void MustAdd(const LayerEntry& entry, std::string_view bytes = "") {
    ASSERT_THAT(Add(entry, bytes), IsOk()) << entry.path;
  }
  struct stat Stat(const std::string& path) {
    struct stat st {};
    EXPECT_EQ(lstat((tree_ / ("root/" + path)).c_str(), &st), 0) << path;
    return st;
  }
  bool Has(const std::string& path) { return tree_.Exists("root/" + path); }
  std::string Read(const std::string& path) { return tree_.Read("root/" + path); }
  std::string Xattr(const std::string& path, const char* name) {
    char value[256];
    ssize_t n = lgetxattr((tree_ / ("root/" + path)).c_str(), name, value, sizeof value);
    return n < 0 ? "none" : std::string(value, static_cast<size_t>(n));
  }

  TempTree tree_;
  std::optional<Canary> canary_;
  std::optional<DirectorySink> sink_;
};

TEST_F(DirectorySinkTest, WritesEveryKindAsTheLayerSays) {
  LayerEntry file = FileEntry("etc/shadow", 04640);
  file.uid = 11;
  file.gid = 42;
  file.mtime_ns = 1'600'000'000'123'456'789;
  file.xattrs = {
      {"user.a", std::string("x\0y", 3)},
      {"security.capability", std::string("\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)}};
  LayerEntry dir = DirEntry("etc/", 0777);
  dir.mtime_ns = 1'500'000'000'000'000'000;
  LayerEntry link = SymlinkEntry("etc/link", "/nowhere");
  link.uid = 5;
  link.mtime_ns = -1;
  MustAdd(dir);
  MustAdd(file, "secret");
  MustAdd(link);
  MustAdd(HardLinkEntry("./same", "/etc/shadow"));
  MustAdd(CharEntry("null", 1, 3, 0666));
  MustAdd(BlockEntry("disk", 8, 0, 0660));
  MustAdd(FifoEntry("pipe", 0622));
  ONGGI_ASSERT_OK_AND_ASSIGN(LayerUsage usage, sink_->Finish());
  EXPECT_EQ(usage.bytes, 6u);
  EXPECT_EQ(usage.inodes, 6u);

  EXPECT_EQ(Read("etc/shadow"), "secret");
  struct stat st = Stat("etc/shadow");
  EXPECT_EQ(st.st_mode, S_IFREG | 04640u);
  EXPECT_EQ(st.st_uid, 11u);
  EXPECT_EQ(st.st_gid, 42u);
  EXPECT_EQ(st.st_nlink, 2u);
  EXPECT_EQ(st.st_mtim.tv_sec, 1'600'000'000);
  EXPECT_EQ(st.st_mtim.tv_nsec, 123'456'789);
  EXPECT_EQ(Xattr("etc/shadow", "user.a"), std::string("x\0y", 3));
  EXPECT_EQ(Xattr("etc/shadow", "security.capability").size(), 20u);
  EXPECT_EQ(Stat("etc").st_mode, S_IFDIR | 0777u);
  EXPECT_EQ(Stat("etc").st_mtim.tv_sec, 1'500'000'000);
  EXPECT_EQ(Stat("etc/link").st_uid, 5u);
  EXPECT_EQ(Stat("etc/link").st_mtim.tv_sec, -1);
  EXPECT_EQ(Stat("etc/link").st_mtim.tv_nsec, 999'999'999);
  EXPECT_EQ(Stat("null").st_mode, S_IFCHR | 0666u);
  EXPECT_EQ(Stat("null").st_rdev, makedev(1, 3));
  EXPECT_EQ(Stat("disk").st_mode, S_IFBLK | 0660u);
  EXPECT_EQ(Stat("pipe").st_mode, S_IFIFO | 0622u);
}

TEST_F(DirectorySinkTest, AGroupOfADirectoryDoesNotSpread) {
  LayerEntry dir = DirEntry("mail", 02775);
  dir.gid = 8;
  MustAdd(dir);
  MustAdd(FileEntry("mail/root-owned", 0644), "x");
  MustAdd(DirEntry("mail/sub", 0755));
  ASSERT_THAT(sink_->Finish(), IsOk());
  EXPECT_EQ(Stat("mail").st_mode, S_IFDIR | 02775u);
  EXPECT_EQ(Stat("mail").st_gid, 8u);
  EXPECT_EQ(Stat("mail/root-owned").st_gid, 0u);
  EXPECT_EQ(Stat("mail/sub").st_gid, 0u);
  EXPECT_EQ(Stat("mail/sub").st_mode, S_IFDIR | 0755u);
}

TEST_F(DirectorySinkTest, ALaterEntryReplacesAnEarlier) {
  MustAdd(FileEntry("a"), "one");
  MustAdd(FileEntry("a"), "second");
  MustAdd(DirEntry("d", 0700));
  MustAdd(FileEntry("d/kept"), "k");
  MustAdd(DirEntry("d", 0055));
  MustAdd(DirEntry("gone"));
  MustAdd(FileEntry("gone/file"), "x");
  MustAdd(FileEntry("gone"), "file");
  MustAdd(SymlinkEntry("l", "d"));
  MustAdd(DirEntry("l"));
  MustAdd(FileEntry("l/own"), "o");
  ONGGI_ASSERT_OK_AND_ASSIGN(LayerUsage usage, sink_->Finish());
  EXPECT_EQ(Read("a"), "second");
  EXPECT_EQ(Read("d/kept"), "k");
  EXPECT_EQ(Stat("d").st_mode, S_IFDIR | 0055u);
  EXPECT_EQ(Read("gone"), "file");
  EXPECT_EQ(Read("l/own"), "o");
  EXPECT_FALSE(Has("d/own"));
  EXPECT_EQ(usage.inodes, 6u);
  EXPECT_EQ(usage.bytes, 6u + 1 + 4 + 1);
}

TEST_F(DirectorySinkTest, RefusesWhatLeavesTheRoot) {
  for (const char* path :
       {"../outside/file", "a/../../outside/file", "..", "/../outside", "a/.."}) {
    EXPECT_THAT(Add(FileEntry(path), "x"), FailsWith(Code::kInvalidArgument, "leaves the layer"))
        << path;
    EXPECT_THAT(sink_->Whiteout(path), FailsWith(Code::kInvalidArgument)) << path;
    EXPECT_THAT(sink_->Opaque(path), FailsWith(Code::kInvalidArgument)) << path;
  }
  EXPECT_THAT(Add(HardLinkEntry("h", "../outside/file")), FailsWith(Code::kInvalidArgument, "'h'"));
  EXPECT_THAT(Add(FileEntry(std::string("a\0b", 3)), "x"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(Add(FileEntry(std::string(256, 'n')), "x"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(Add(FileEntry("."), "x"), FailsWith(Code::kInvalidArgument, "root"));
  EXPECT_THAT(Add(SymlinkEntry("empty", "")), FailsWith(Code::kInvalidArgument, "'empty'"));
}

TEST_F(DirectorySinkTest, LinkedParentsStayInside) {
  MustAdd(SymlinkEntry("abs", tree_ / "outside"));
  MustAdd(SymlinkEntry("up", "../outside"));
  MustAdd(SymlinkEntry("proc", "/proc/self/cwd"));
  MustAdd(DirEntry("outside"));
  // "../outside" from the root is "/outside" of the layer.
  MustAdd(FileEntry("up/file", 0600), "inside");
  EXPECT_EQ(Read("outside/file"), "inside");
  EXPECT_THAT(Add(FileEntry("abs/file"), "evil"), FailsWith(Code::kInvalidArgument, "'abs/file'"));
  EXPECT_THAT(Add(FileEntry("proc/file"), "evil"), FailsWith(Code::kInvalidArgument));
}

TEST_F(DirectorySinkTest, TheOpenParentIsForgottenWhenALinkTakesItsPlace) {
  MustAdd(DirEntry("a"));
  MustAdd(DirEntry("b"));
  MustAdd(SymlinkEntry("way", "a"));
  MustAdd(FileEntry("way/one"), "1");
  MustAdd(SymlinkEntry("way", "b"));
  MustAdd(FileEntry("way/two"), "2");
  EXPECT_TRUE(Has("a/one"));
  EXPECT_TRUE(Has("b/two"));
  // A link to the directory it lies in: replacing it changes the meaning of the open parent itself.
  MustAdd(SymlinkEntry("self", "."));
  MustAdd(FileEntry("self/x"), "x");
  MustAdd(DirEntry("self/self"));
  MustAdd(FileEntry("self/y"), "y");
  EXPECT_TRUE(Has("self/y"));
  EXPECT_FALSE(Has("y"));
}

TEST_F(DirectorySinkTest, HardLinksAreToEntriesOfTheLayerItself) {
  MustAdd(SymlinkEntry("link", tree_ / "outside/file"));
  MustAdd(HardLinkEntry("h", "link"));
  EXPECT_TRUE(S_ISLNK(Stat("h").st_mode));
  MustAdd(FileEntry("f"), "f");
  MustAdd(HardLinkEntry("f", "./f"));
  EXPECT_EQ(Read("f"), "f");
  MustAdd(DirEntry("d"));
  EXPECT_THAT(Add(HardLinkEntry("x", "d")), FailsWith(Code::kInvalidArgument, "directory 'd'"));
  EXPECT_THAT(Add(HardLinkEntry("x", "absent")), FailsWith(Code::kInvalidArgument, "'absent'"));
}

TEST_F(DirectorySinkTest, OverlaysOwnXattrsAreDropped) {
  LayerEntry file = FileEntry("f");
  file.xattrs = {{"trusted.overlay.redirect", "/etc"}, {"trusted.other", "1"}};
  LayerEntry dir = DirEntry("d");
  dir.xattrs = {{"trusted.overlay.opaque", "y"}, {"user.kept", "1"}};
  LayerEntry link = SymlinkEntry("l", "f");
  link.xattrs = {{"trusted.mark", "link"}, {"user.nope", "links have no user xattrs"}};
  MustAdd(file);
  MustAdd(dir);
  MustAdd(link);
  EXPECT_EQ(Xattr("f", "trusted.overlay.redirect"), "none");
  EXPECT_EQ(Xattr("f", "trusted.other"), "1");
  EXPECT_EQ(Xattr("d", "trusted.overlay.opaque"), "none");
  EXPECT_EQ(Xattr("d", "user.kept"), "1");
  EXPECT_EQ(Xattr("l", "trusted.mark"), "link");
  EXPECT_EQ(Xattr("f", "trusted.mark"), "none");
}

TEST_F(DirectorySinkTest, WhiteoutsSpeakOfTheLayersBelowOnly) {
  ASSERT_THAT(sink_->Whiteout("etc/passwd"), IsOk());
  EXPECT_TRUE(S_ISCHR(Stat("etc/passwd").st_mode));
  EXPECT_EQ(Stat("etc/passwd").st_rdev, makedev(0, 0));
  // After the entry of the same path.
  MustAdd(FileEntry("file"), "new");
  ASSERT_THAT(sink_->Whiteout("file"), IsOk());
  EXPECT_EQ(Read("file"), "new");
  MustAdd(DirEntry("dir"));
  MustAdd(FileEntry("dir/new"), "n");
  ASSERT_THAT(sink_->Whiteout("dir"), IsOk());
  EXPECT_EQ(Read("dir/new"), "n");
  EXPECT_EQ(Xattr("dir", "trusted.overlay.opaque"), "y");
  // Before it.
  ASSERT_THAT(sink_->Whiteout("swap"), IsOk());
  MustAdd(DirEntry("swap"));
  EXPECT_EQ(Xattr("swap", "trusted.overlay.opaque"), "y");
  ASSERT_THAT(sink_->Whiteout("implied"), IsOk());
  MustAdd(FileEntry("implied/f"), "f");
  EXPECT_EQ(Read("implied/f"), "f");
  EXPECT_EQ(Xattr("implied", "trusted.overlay.opaque"), "y");
  ASSERT_THAT(sink_->Opaque("op"), IsOk());
  EXPECT_EQ(Xattr("op", "trusted.overlay.opaque"), "y");
  EXPECT_THAT(sink_->Whiteout("./"), FailsWith(Code::kInvalidArgument));
}

TEST_F(DirectorySinkTest, MissingParentsAreMadeAndRemembered) {
  MustAdd(FileEntry("a/b/c/file"), "x");
  MustAdd(DirEntry("a/b", 0700));
  EXPECT_EQ(Stat("a").st_mode, S_IFDIR | 0755u);
  EXPECT_EQ(sink_->implied_directories(), (std::set<std::string>{"", "a", "a/b/c"}));
  MustAdd(FileEntry("f"), "x");
  EXPECT_THAT(Add(FileEntry("f/below"), "x"), FailsWith(Code::kInvalidArgument, "'f'"));
  MustAdd(SymlinkEntry("dangling", "nowhere"));
  EXPECT_THAT(Add(FileEntry("dangling/x"), "x"), FailsWith(Code::kInvalidArgument, "'dangling'"));
}

TEST_F(DirectorySinkTest, SizesAreKept) {
  LayerEntry entry = FileEntry("f");
  entry.size = 3;
  ASSERT_THAT(sink_->Add(entry), IsOk());
  ASSERT_THAT(sink_->Write("ab"), IsOk());
  EXPECT_THAT(sink_->Write("cd"), FailsWith(Code::kInvalidArgument, "more bytes"));
  EXPECT_THAT(sink_->Add(FileEntry("g")), FailsWith(Code::kInvalidArgument, "cut short"));
}

TEST_F(DirectorySinkTest, DepthIsBoundedThroughLinksToo) {
  Result<> outcome = Ok();
  for (int round = 0; round < 20 && outcome; ++round) {
    std::string path = round == 0 ? "" : "down";
    for (int i = 0; i < 60 && outcome; ++i) {
      path += "/d";
      outcome = Add(DirEntry(path));
    }
    // "down" leads to the deepest directory so far.
    std::string target = round == 0 ? path.substr(1) : "";
    for (int i = 0; round > 0 && i < 60 * (round + 1); ++i) target += i == 0 ? "d" : "/d";
    if (outcome) outcome = Add(SymlinkEntry("down", target));
  }
  EXPECT_THAT(outcome, FailsWith(Code::kInvalidArgument, "deeper"));
}

TEST_F(DirectorySinkTest, DirectoryTimesSurviveWhatIsWrittenIntoThem) {
  LayerEntry root = DirEntry("./", 0711);
  root.mtime_ns = 7'000'000'000;
  LayerEntry dir = DirEntry("d");
  dir.mtime_ns = 8'000'000'000;
  MustAdd(root);
  MustAdd(dir);
  MustAdd(DirEntry("d/sub"));
  MustAdd(FileEntry("d/sub/f"), "x");
  MustAdd(FileEntry("late"), "x");
  ASSERT_THAT(sink_->Finish(), IsOk());
  EXPECT_EQ(Stat("d").st_mtim.tv_sec, 8);
  EXPECT_EQ(Stat("").st_mtim.tv_sec, 7);
  EXPECT_EQ(Stat("").st_mode, S_IFDIR | 0711u);
}

}  // namespace
}  // namespace onggi
