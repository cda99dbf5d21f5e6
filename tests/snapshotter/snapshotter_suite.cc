#include "tests/conformance/snapshotter_suite.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/file_io.h"
#include "base/json.h"
#include "tests/support/canary.h"
#include "tests/support/mounted_rootfs.h"
#include "tests/support/require_root.h"

namespace onggi {

using testing::DescribeTree;
using testing::InMountedRootfs;
using testing::IsOk;

void SnapshotterSuite::SetUp() {
  ONGGI_REQUIRE_ROOT();
  const std::string& filesystem = GetParam().needs_filesystem;
  if (!filesystem.empty()) {
    ONGGI_REQUIRE(testing::KernelHasFilesystem(filesystem), "the kernel's " + filesystem);
  }
  tree_.emplace();
  Reopen();
}

void SnapshotterSuite::TearDown() {
  snapshotter_.reset();
  database_.reset();
  if (!tree_) return;
  std::string mounts = ReadFile("/proc/self/mountinfo").value_or("");
  EXPECT_EQ(mounts.find(tree_->path()), std::string::npos) << "left mounted:\n" << mounts;
}

void SnapshotterSuite::Reopen(const std::string& boot_id) {
  snapshotter_.reset();
  database_.reset();
  auto database = Database::Open(*tree_ / "db");
  ASSERT_THAT(database, IsOk());
  database_ = std::move(database).value();
  auto snapshotter = OpenSnapshotter(
      {.kind = GetParam().kind, .root = tree_->path(), .boot_id = boot_id}, *database_);
  ASSERT_THAT(snapshotter, IsOk());
  snapshotter_ = std::move(snapshotter).value();
  EXPECT_EQ(snapshotter_->name(), GetParam().kind);
}

SnapshotterSuite::Item SnapshotterSuite::File(std::string path, std::string bytes, mode_t mode) {
  return {Item::What::kEntry, testing::FileEntry(std::move(path), mode), std::move(bytes)};
}
SnapshotterSuite::Item SnapshotterSuite::Gone(std::string path) {
  return {Item::What::kWhiteout, testing::FileEntry(std::move(path)), ""};
}
SnapshotterSuite::Item SnapshotterSuite::Opaque(std::string path) {
  return {Item::What::kOpaque, testing::FileEntry(std::move(path)), ""};
}

Result<> SnapshotterSuite::TryImport(const Layer& layer, const std::string& name,
                                     const std::string& parent) {
  TRY_ASSIGN(std::unique_ptr<LayerDraft> draft, snapshotter_->BeginLayer());
  LayerSink& sink = draft->sink();
  for (Item item : layer) {
    if (item.what == Item::What::kWhiteout) {
      TRY(sink.Whiteout(item.entry.path));
    } else if (item.what == Item::What::kOpaque) {
      TRY(sink.Opaque(item.entry.path));
    } else {
      item.entry.size = item.bytes.size();
      TRY(sink.Add(item.entry));
      if (!item.bytes.empty()) TRY(sink.Write(item.bytes));
    }
  }
  TRY(sink.Finish());
  return snapshotter_->Commit(std::move(draft), name, parent);
}

void SnapshotterSuite::Import(const Layer& layer, const std::string& name,
                              const std::string& parent) {
  ASSERT_THAT(TryImport(layer, name, parent), IsOk()) << name;
}

std::map<std::string, std::string> SnapshotterSuite::Tree(const RootfsMount& mount) {
  auto text = InMountedRootfs(
      mount, [](const std::string& root) { return DumpJson(Json(DescribeTree(root))); });
  EXPECT_THAT(text, IsOk());
  if (!text) return {};
  auto json = ParseJson(*text, {.bytes = 64 << 20});
  EXPECT_THAT(json, IsOk());
  Json object = Json::object();
  object["tree"] = json ? *json : Json::object();
  return JsonStringMap(object, "tree").value();
}

std::vector<std::string> SnapshotterSuite::Files(const RootfsMount& mount) {
  auto text = InMountedRootfs(mount, [](const std::string& root) {
    std::string out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      std::string path = entry.path().string();
      out += path.substr(root.size() + 1) + "=" + ReadFile(path).value_or("unreadable") + "\n";
    }
    return out;
  });
  EXPECT_THAT(text, IsOk());
  std::vector<std::string> lines;
  std::string rest = text ? *text : "";
  for (size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
    lines.push_back(rest.substr(0, end));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> SnapshotterSuite::FilesOfKey(const std::string& key) {
  auto mount = snapshotter_->Mounts(key);
  EXPECT_THAT(mount, IsOk());
  return mount ? Files(*mount) : std::vector<std::string>();
}

void SnapshotterSuite::InRoot(const std::string& key, const std::function<std::string()>& change) {
  auto mount = snapshotter_->Mounts(key);
  ASSERT_THAT(mount, IsOk());
  auto done = InMountedRootfs(*mount, [&](const std::string& root) {
    return chdir(root.c_str()) == 0 ? change() : std::string("chdir failed");
  });
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(*done, "");
}

std::vector<std::string> SnapshotterSuite::Directories() {
  std::vector<std::string> names;
  std::string root = *tree_ / ("snapshots/" + GetParam().kind);
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> SnapshotterSuite::DirectoriesAtRest() {
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> names = Directories();
    bool busy = std::any_of(names.begin(), names.end(), [](const std::string& name) {
      return name.compare(0, 6, "trash-") == 0;
    });
    if (!busy) return names;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Directories();
}

}  // namespace onggi
