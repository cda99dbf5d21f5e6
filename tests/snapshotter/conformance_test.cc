#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/file_io.h"
#include "tests/conformance/snapshotter_suite.h"
#include "tests/support/canary.h"

namespace onggi {
namespace {

using testing::CharEntry;
using testing::DirEntry;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::FifoEntry;
using testing::HardLinkEntry;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::SymlinkEntry;
using ::testing::UnorderedElementsAre;

std::string Put(const std::string& path, std::string_view text) {
  auto written = WriteFileAtomic(path, text);
  return written ? "" : written.error().message();
}

TEST_P(SnapshotterSuite, LayersStackIntoOneTree) {
  Import({File("a", "1"), Plain(DirEntry("d")), File("d/b", "1"), File("d/c", "1")}, "one", "");
  Import({File("d/b", "2"), File("e", "2")}, "two", "one");
  ONGGI_ASSERT_OK_AND_ASSIGN(RootfsMount mount, snapshotter_->Prepare("c", "two"));
  EXPECT_THAT(Files(mount), ElementsAre("a=1", "d/b=2", "d/c=1", "e=2"));
  EXPECT_THAT(Files(snapshotter_->Prepare("lower", "one").value()),
              ElementsAre("a=1", "d/b=1", "d/c=1"));
}

TEST_P(SnapshotterSuite, WhiteoutsDelete) {
  Import({File("a", "1"), File("d/b", "1"), File("d/c", "1"), File("tree/x/y", "1"),
          Plain(SymlinkEntry("l", "a"))},
         "one", "");
  Import({Gone("a"), Gone("d/b"), Gone("tree"), Gone("l"), Gone("never/was")}, "two", "one");
  Import({File("tree/new", "3")}, "three", "two");
  EXPECT_THAT(Files(snapshotter_->Prepare("c2", "two").value()), ElementsAre("d/c=1"));
  EXPECT_THAT(Files(snapshotter_->Prepare("c3", "three").value()),
              ElementsAre("d/c=1", "tree/new=3"));
}

TEST_P(SnapshotterSuite, OpaqueDirectoriesHideWhatIsBelow) {
  Import({File("d/old", "1"), File("d/sub/old", "1"), File("keep/old", "1")}, "one", "");
  Import({Plain(DirEntry("d")), Opaque("d"), File("d/new", "2")}, "two", "one");
  Import({File("d/sub/third", "3")}, "three", "two");
  EXPECT_THAT(Files(snapshotter_->Prepare("c2", "two").value()),
              ElementsAre("d/new=2", "keep/old=1"));
  EXPECT_THAT(Files(snapshotter_->Prepare("c3", "three").value()),
              ElementsAre("d/new=2", "d/sub/third=3", "keep/old=1"));
}

TEST_P(SnapshotterSuite, ADirectoryBecomesAFileAndBack) {
  Import({File("x/inside", "1"), File("y", "1")}, "one", "");
  Import({File("x", "2"), File("y/inside", "2")}, "two", "one");
  Import({Gone("x"), Plain(DirEntry("x")), File("x/again", "3")}, "three", "two");
  EXPECT_THAT(Files(snapshotter_->Prepare("c2", "two").value()), ElementsAre("x=2", "y/inside=2"));
  EXPECT_THAT(Files(snapshotter_->Prepare("c3", "three").value()),
              ElementsAre("x/again=3", "y/inside=2"));
}

TEST_P(SnapshotterSuite, KeepsEveryAttribute) {
  Item file = File("bin/su", "elf", 04755);
  file.entry.uid = 7;
  file.entry.gid = 8;
  file.entry.xattrs = {{"user.note", "hello"}, {"trusted.t", std::string("\0\1", 2)}};
  Item dir = Plain(DirEntry("srv", 03775));
  dir.entry.gid = 50;
  Item link = Plain(SymlinkEntry("srv/link", "../bin/su"));
  link.entry.uid = 9;
  Import({Plain(DirEntry("./", 0750)), Plain(DirEntry("bin")), file, dir, link,
          File("srv/root-owned", "r", 0600), Plain(HardLinkEntry("bin/sudo", "bin/su")),
          Plain(CharEntry("null", 1, 3, 0666)), Plain(FifoEntry("pipe", 0620)), File("empty", ""),
          File(std::string(255, 'n'), "long")},
         "one", "");
  auto tree = Tree(snapshotter_->Prepare("c", "one").value());
  EXPECT_EQ(tree["."], "40750 0:0");
  std::string su = "104755 7:8 links 2 3 bytes 'elf' trusted.t='\\x00\\x01' user.note='hello'";
  EXPECT_EQ(tree["bin/su"], su);
  EXPECT_EQ(tree["bin/sudo"], su);
  EXPECT_EQ(tree["srv"], "43775 0:50");
  EXPECT_EQ(tree["srv/link"], "120777 9:0 -> '../bin/su'");
  EXPECT_EQ(tree["srv/root-owned"], "100600 0:0 links 1 1 bytes 'r'");
  EXPECT_EQ(tree["null"], "20666 0:0 device 1:3");
  EXPECT_EQ(tree["pipe"], "10620 0:0");
  EXPECT_EQ(tree["empty"], "100644 0:0 links 1 0 bytes ''");
  EXPECT_EQ(tree[std::string(255, 'n')], "100644 0:0 links 1 4 bytes 'long'");
  EXPECT_EQ(tree.size(), 11u);
}

TEST_P(SnapshotterSuite, KeepsTimes) {
  Item file = File("d/f", "x");
  file.entry.mtime_ns = 1'234'567'890'123'456'789;
  Item dir = Plain(DirEntry("d"));
  dir.entry.mtime_ns = 987'654'321'000'000'000;
  Import({dir, file}, "one", "");
  ONGGI_ASSERT_OK_AND_ASSIGN(RootfsMount mount, snapshotter_->View("v", "one"));
  auto tree = Tree(mount);
  ASSERT_EQ(tree.size(), 3u);
  InRoot("v", [] {
    struct stat st {};
    if (stat("d/f", &st) != 0 || st.st_mtim.tv_sec != 1'234'567'890 ||
        st.st_mtim.tv_nsec != 123'456'789) {
      return "file " + std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec);
    }
    if (stat("d", &st) != 0 || st.st_mtim.tv_sec != 987'654'321) return std::string("directory");
    return std::string();
  });
}

TEST_P(SnapshotterSuite, ImpliedDirectoriesLookAsBelow) {
  Item tmp = Plain(DirEntry("tmp", 01777));
  tmp.entry.gid = 3;
  Import({Plain(DirEntry("./", 0711)), tmp, Plain(DirEntry("var/lib", 0700)), File("x", "1")},
         "one", "");
  Import({File("tmp/new", "2")}, "two", "one");
  Import({File("tmp/newer", "3"), File("var/lib/deep/new", "3")}, "three", "two");
  auto tree = Tree(snapshotter_->Prepare("c", "three").value());
  EXPECT_EQ(tree["."], "40711 0:0");
  EXPECT_EQ(tree["tmp"], "41777 0:3");
  EXPECT_EQ(tree["var/lib"], "40700 0:0");
  EXPECT_EQ(tree["var/lib/deep"], "40755 0:0");
}

TEST_P(SnapshotterSuite, ContainersDoNotSeeEachOther) {
  Import({File("f", "image"), File("g", "image")}, "one", "");
  ASSERT_THAT(snapshotter_->Prepare("c1", "one"), IsOk());
  ASSERT_THAT(snapshotter_->Prepare("c2", "one"), IsOk());
  InRoot("c1", [] { return Put("f", "mine") + (unlink("g") == 0 ? "" : "unlink"); });
  InRoot("c2", [] { return Put("h", "other"); });
  EXPECT_THAT(FilesOfKey("c1"), ElementsAre("f=mine"));
  EXPECT_THAT(FilesOfKey("c2"), ElementsAre("f=image", "g=image", "h=other"));
  EXPECT_THAT(Files(snapshotter_->View("v", "one").value()), ElementsAre("f=image", "g=image"));
}

TEST_P(SnapshotterSuite, AViewIsReadOnly) {
  Import({File("f", "1")}, "one", "");
  Import({File("g", "2")}, "two", "one");
  for (const char* parent : {"", "one", "two"}) {
    std::string key = std::string("v-") + parent;
    ONGGI_ASSERT_OK_AND_ASSIGN(RootfsMount mount, snapshotter_->View(key, parent));
    EXPECT_TRUE(mount.read_only);
    EXPECT_TRUE(mount.upper.empty());
    InRoot(key, [] {
      bool refused = mkdir("new", 0755) != 0 && errno == EROFS;
      return std::string(refused ? "" : "could write");
    });
  }
}

TEST_P(SnapshotterSuite, SixtyFourLayersAndMore) {
  std::string parent;
  for (int i = 0; i < 100; ++i) {
    std::string n = std::to_string(i);
    Import({File("each/" + n, n), File("last", n)}, "layer-" + n, parent);
    parent = "layer-" + n;
  }
  ONGGI_ASSERT_OK_AND_ASSIGN(RootfsMount mount, snapshotter_->Prepare("c", parent));
  std::vector<std::string> files = Files(mount);
  EXPECT_EQ(files.size(), 101u);
  EXPECT_THAT(files, ::testing::Contains("last=99"));
  EXPECT_THAT(files, ::testing::Contains("each/0=0"));
}

TEST_P(SnapshotterSuite, NothingBelowIsAnEmptyRoot) {
  ONGGI_ASSERT_OK_AND_ASSIGN(RootfsMount mount, snapshotter_->Prepare("scratch", ""));
  auto tree = Tree(mount);
  EXPECT_EQ(tree.size(), 1u);
  EXPECT_EQ(tree["."], "40755 0:0");
  InRoot("scratch", [] { return Put("f", "x"); });
  EXPECT_THAT(FilesOfKey("scratch"), ElementsAre("f=x"));
}

TEST_P(SnapshotterSuite, NamesAreTakenOnce) {
  Import({File("f", "1")}, "one", "");
  EXPECT_THAT(TryImport({File("f", "2")}, "one", ""), FailsWith(Code::kAlreadyExists, "one"));
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  EXPECT_THAT(snapshotter_->Prepare("c", "one"), FailsWith(Code::kAlreadyExists, "c"));
  EXPECT_THAT(snapshotter_->View("c", "one"), FailsWith(Code::kAlreadyExists));
  EXPECT_THAT(FilesOfKey("c"), ElementsAre("f=1"));
  EXPECT_EQ(DirectoriesAtRest().size(), 2u);
}

TEST_P(SnapshotterSuite, UnknownNamesAreNotFound) {
  EXPECT_THAT(snapshotter_->Prepare("c", "nothing"), FailsWith(Code::kNotFound, "nothing"));
  EXPECT_THAT(snapshotter_->View("c", "nothing"), FailsWith(Code::kNotFound));
  EXPECT_THAT(TryImport({File("f", "1")}, "two", "nothing"), FailsWith(Code::kNotFound, "nothing"));
  EXPECT_THAT(snapshotter_->Mounts("nothing"), FailsWith(Code::kNotFound));
  EXPECT_THAT(snapshotter_->UsageOf("nothing"), FailsWith(Code::kNotFound));
  EXPECT_THAT(snapshotter_->ChangesOf("nothing"), FailsWith(Code::kNotFound));
  EXPECT_THAT(snapshotter_->CommitActive("nothing", "x"), FailsWith(Code::kNotFound));
  EXPECT_THAT(snapshotter_->Remove("nothing"), IsOk());
  EXPECT_FALSE(snapshotter_->Stat("nothing").value().has_value());
  EXPECT_THAT(DirectoriesAtRest(), IsEmpty());
}

TEST_P(SnapshotterSuite, OnlyCommittedSnapshotsAreParents) {
  Import({File("f", "1")}, "one", "");
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  EXPECT_THAT(snapshotter_->Prepare("d", "c"), FailsWith(Code::kNotFound, "c"));
  EXPECT_THAT(TryImport({File("f", "1")}, "two", "c"), FailsWith(Code::kNotFound));
  EXPECT_THAT(snapshotter_->Mounts("one"), FailsWith(Code::kNotFound));
  EXPECT_THAT(snapshotter_->ChangesOf("one"), FailsWith(Code::kFailedPrecondition));
}

TEST_P(SnapshotterSuite, AParentCannotBeRemoved) {
  Import({File("f", "1")}, "one", "");
  Import({File("g", "2")}, "two", "one");
  ASSERT_THAT(snapshotter_->Prepare("c", "two"), IsOk());
  EXPECT_THAT(snapshotter_->Remove("one"), FailsWith(Code::kFailedPrecondition, "two"));
  EXPECT_THAT(snapshotter_->Remove("two"), FailsWith(Code::kFailedPrecondition, "c"));
  EXPECT_THAT(FilesOfKey("c"), ElementsAre("f=1", "g=2"));
  for (const char* name : {"c", "two", "one"}) EXPECT_THAT(snapshotter_->Remove(name), IsOk());
  EXPECT_THAT(snapshotter_->List().value(), IsEmpty());
  EXPECT_THAT(DirectoriesAtRest(), IsEmpty());
}

TEST_P(SnapshotterSuite, StatAndListSayWhatThereIs) {
  Import({File("f", "12345"), Plain(DirEntry("d")), Plain(HardLinkEntry("h", "f"))}, "one", "");
  Import({File("g", "678")}, "two", "one");
  ASSERT_THAT(snapshotter_->Prepare("c", "two"), IsOk());
  ASSERT_THAT(snapshotter_->View("v", "one"), IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(std::optional<SnapshotInfo> one, snapshotter_->Stat("one"));
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->kind, SnapshotInfo::Kind::kCommitted);
  EXPECT_EQ(one->parent, "");
  EXPECT_EQ(one->usage.bytes, 5u);
  EXPECT_EQ(one->usage.inodes, 2u);
  EXPECT_LT(WallNanos() - one->created_at_ns, 60'000'000'000);
  ONGGI_ASSERT_OK_AND_ASSIGN(std::vector<SnapshotInfo> all, snapshotter_->List());
  std::vector<std::string> seen;
  for (const SnapshotInfo& info : all) {
    seen.push_back(info.name + "<" + info.parent + " " +
                   std::to_string(static_cast<int>(info.kind)));
  }
  EXPECT_THAT(seen, UnorderedElementsAre("one< 0", "two<one 0", "c<two 1", "v<one 2"));
}

TEST_P(SnapshotterSuite, UsageGrowsWithWhatIsWritten) {
  Import({File("f", "1")}, "one", "");
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(LayerUsage before, snapshotter_->UsageOf("c"));
  InRoot("c", [] {
    std::string done = Put("new", std::string(5000, 'x'));
    return done + (link("new", "again") == 0 ? "" : "link");
  });
  ONGGI_ASSERT_OK_AND_ASSIGN(LayerUsage after, snapshotter_->UsageOf("c"));
  EXPECT_EQ(after.bytes - before.bytes, 5000u);
  EXPECT_EQ(after.inodes - before.inodes, 1u);
}

TEST_P(SnapshotterSuite, AContainerBecomesALayer) {
  Import({File("keep", "1"), File("change", "1"), File("drop", "1"), File("dir/inner", "1"),
          Plain(DirEntry("mode", 0755))},
         "one", "");
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  InRoot("c", [] {
    std::string done = Put("change", "changed") + Put("new", "n");
    if (unlink("drop") != 0 || chmod("mode", 02700) != 0) done += "drop";
    std::filesystem::remove_all("dir");
    if (mkdir("dir", 0755) != 0) done += "mkdir";
    return done + Put("dir/other", "o") +
           (link("new", "linked") == 0 && symlink("keep", "sym") == 0 ? "" : "link");
  });
  auto expected = Tree(snapshotter_->Mounts("c").value());
  ASSERT_THAT(snapshotter_->CommitActive("c", "two"), IsOk());
  EXPECT_FALSE(snapshotter_->Stat("c").value().has_value());
  ONGGI_ASSERT_OK_AND_ASSIGN(std::optional<SnapshotInfo> two, snapshotter_->Stat("two"));
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(two->parent, "one");
  EXPECT_GE(two->usage.bytes, 9u);
  EXPECT_LE(two->usage.inodes, 9u);
  ONGGI_ASSERT_OK_AND_ASSIGN(RootfsMount mount, snapshotter_->Prepare("c2", "two"));
  EXPECT_EQ(testing::DifferenceOfTrees(expected, Tree(mount)), "");
  EXPECT_THAT(Files(mount),
              ElementsAre("change=changed", "dir/other=o", "keep=1", "linked=n", "new=n"));
}

TEST_P(SnapshotterSuite, CommittingIsForActiveSnapshots) {
  Import({File("f", "1")}, "one", "");
  ASSERT_THAT(snapshotter_->View("v", "one"), IsOk());
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  EXPECT_THAT(snapshotter_->CommitActive("v", "x"), FailsWith(Code::kFailedPrecondition, "v"));
  EXPECT_THAT(snapshotter_->CommitActive("one", "x"), FailsWith(Code::kFailedPrecondition));
  EXPECT_THAT(snapshotter_->CommitActive("c", "one"), FailsWith(Code::kAlreadyExists, "one"));
  EXPECT_THAT(FilesOfKey("c"), ElementsAre("f=1"));
}

TEST_P(SnapshotterSuite, ChangesAreInOverlayForm) {
  Import({File("keep", "1"), File("change", "1"), File("drop", "1")}, "one", "");
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  InRoot("c", [] { return Put("change", "2") + (unlink("drop") == 0 ? "" : "unlink"); });
  ONGGI_ASSERT_OK_AND_ASSIGN(std::string changes, snapshotter_->ChangesOf("c"));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(changes)) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(names, UnorderedElementsAre("change", "drop"));
  struct stat st {};
  ASSERT_EQ(lstat((changes + "/drop").c_str(), &st), 0);
  EXPECT_TRUE(S_ISCHR(st.st_mode));
  EXPECT_EQ(st.st_rdev, makedev(0, 0));
}

TEST_P(SnapshotterSuite, EverythingSurvivesARestart) {
  Import({File("f", "1")}, "one", "");
  ASSERT_THAT(snapshotter_->Prepare("c", "one"), IsOk());
  InRoot("c", [] { return Put("g", "2"); });
  Reopen();
  EXPECT_THAT(FilesOfKey("c"), ElementsAre("f=1", "g=2"));
  EXPECT_THAT(snapshotter_->TakeDropped(), IsEmpty());
  EXPECT_EQ(DirectoriesAtRest().size(), 2u);
}

TEST_P(SnapshotterSuite, ACrashLeavesNothingBehind) {
  Import({File("f", "1")}, "one", "");
  std::vector<std::string> before = DirectoriesAtRest();
  snapshotter_.reset();
  // What a crash can leave: a draft, a snapshot whose record was not written, trash half deleted.
  std::string root = "snapshots/" + GetParam().kind + "/";
  tree_->File(root + "0123456789abcdef/fs/draft", "x");
  tree_->Dir(root + "0123456789abcdee/work");
  tree_->File(root + "trash-0123456789abcded/fs/deep/file", "x");
  Reopen();
  EXPECT_EQ(DirectoriesAtRest(), before);
  EXPECT_THAT(Files(snapshotter_->View("v", "one").value()), ElementsAre("f=1"));
}

TEST_P(SnapshotterSuite, SweepLeavesDraftsInProgressAlone) {
  ONGGI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<LayerDraft> draft, snapshotter_->BeginLayer());
  LayerEntry entry = testing::FileEntry("f");
  entry.size = 1;
  ASSERT_THAT(draft->sink().Add(entry), IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(size_t swept, snapshotter_->Sweep());
  EXPECT_EQ(swept, 0u);
  ASSERT_THAT(draft->sink().Write("1"), IsOk());
  ASSERT_THAT(draft->sink().Finish(), IsOk());
  ASSERT_THAT(snapshotter_->Commit(std::move(draft), "one", ""), IsOk());
  EXPECT_THAT(Files(snapshotter_->View("v", "one").value()), ElementsAre("f=1"));
}

TEST_P(SnapshotterSuite, ADroppedDraftIsRemoved) {
  {
    ONGGI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<LayerDraft> draft, snapshotter_->BeginLayer());
    ASSERT_THAT(draft->sink().Add(testing::FileEntry("f")), IsOk());
  }
  EXPECT_THAT(DirectoriesAtRest(), IsEmpty());
}

TEST_P(SnapshotterSuite, AnUncleanBootDropsWhatWasNotDurable) {
  Import({File("f", "1")}, "safe", "");
  ASSERT_THAT(snapshotter_->MakeDurable({"safe", "unknown"}), IsOk());
  Import({File("g", "1")}, "lost", "");
  Import({File("h", "1")}, "above", "lost");
  ASSERT_THAT(snapshotter_->MakeDurable({"above"}), IsOk());
  ASSERT_THAT(snapshotter_->Prepare("c-lost", "above"), IsOk());
  ASSERT_THAT(snapshotter_->Prepare("c-safe", "safe"), IsOk());
  Reopen("boot-1");
  EXPECT_THAT(snapshotter_->TakeDropped(), IsEmpty());
  Reopen("boot-2");
  EXPECT_THAT(snapshotter_->TakeDropped(), UnorderedElementsAre("lost", "above", "c-lost"));
  EXPECT_THAT(snapshotter_->TakeDropped(), IsEmpty());
  EXPECT_FALSE(snapshotter_->Stat("lost").value().has_value());
  EXPECT_THAT(FilesOfKey("c-safe"), ElementsAre("f=1"));
  EXPECT_EQ(DirectoriesAtRest().size(), 2u);
  Import({File("g", "again")}, "lost", "");
}

TEST_P(SnapshotterSuite, LayersUnpackAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 5; ++i) {
        std::string name = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_THAT(TryImport({File("f", name)}, name, ""), IsOk());
        EXPECT_THAT(snapshotter_->Prepare("c" + name, name), IsOk());
        if (i % 2 == 0) {
          EXPECT_THAT(snapshotter_->Remove("c" + name), IsOk());
        }
        EXPECT_THAT(snapshotter_->Sweep(), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(FilesOfKey("c2-3"), ElementsAre("f=2-3"));
  EXPECT_EQ(snapshotter_->List().value().size(), 20u + 8u);
  EXPECT_EQ(DirectoriesAtRest().size(), 20u + 8u);
}

TEST_P(SnapshotterSuite, OneOfManyWinsAName) {
  Import({File("f", "1")}, "one", "");
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto mount = snapshotter_->Prepare("c", "one");
      if (mount) ++won;
      if (!mount) {
        EXPECT_THAT(mount, FailsWith(Code::kAlreadyExists));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_THAT(FilesOfKey("c"), ElementsAre("f=1"));
  EXPECT_EQ(DirectoriesAtRest().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SnapshotterSuite,
                         ::testing::Values(SnapshotterCase{"overlay", "overlay"},
                                           SnapshotterCase{"copy"}),
                         [](const auto& info) { return info.param.kind; });

}  // namespace
}  // namespace onggi
