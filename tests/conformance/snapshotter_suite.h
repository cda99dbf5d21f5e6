// What every Snapshotter must do, proven on mounted trees. Instantiate with a SnapshotterCase for
// each implementation:
//
//   INSTANTIATE_TEST_SUITE_P(All, SnapshotterSuite, ::testing::Values(SnapshotterCase{"overlay"}),
//                            [](const auto& info) { return info.param.kind; });
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "snapshotter/factory.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"
#include "tests/support/layer_entries.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {

struct SnapshotterCase {
  std::string kind;
  std::string needs_filesystem = "";  // a word of /proc/filesystems
};

class SnapshotterSuite : public ::testing::TestWithParam<SnapshotterCase> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Ends the snapshotter and its store, and opens both again as a daemon would: after BOOT_ID
  // changed, as after a reboot.
  void Reopen(const std::string& boot_id = "boot-1");

  // One entry of a layer and its bytes; a whiteout and an opaque mark have no entry.
  struct Item {
    enum class What { kEntry, kWhiteout, kOpaque };
    What what = What::kEntry;
    LayerEntry entry;
    std::string bytes;
  };
  using Layer = std::vector<Item>;
  static Item File(std::string path, std::string bytes, mode_t mode = 0644);
  static Item Plain(LayerEntry entry) { return {Item::What::kEntry, std::move(entry), ""}; }
  static Item Gone(std::string path);
  static Item Opaque(std::string path);

  Result<> TryImport(const Layer& layer, const std::string& name, const std::string& parent);
  void Import(const Layer& layer, const std::string& name, const std::string& parent);

  // What the mounted tree shows: testing::DescribeTree without the facts that differ by file
  // system.
  std::map<std::string, std::string> Tree(const RootfsMount& mount);
  // The contents of the files and nothing else: "path=bytes".
  std::vector<std::string> Files(const RootfsMount& mount);
  std::vector<std::string> FilesOfKey(const std::string& key);
  // Runs CHANGE as in a container: inside the mounted tree, with its working directory there.
  void InRoot(const std::string& key, const std::function<std::string()>& change);
  // Directories right below the snapshotter's own.
  std::vector<std::string> Directories();
  // Waits until the trash is emptied.
  std::vector<std::string> DirectoriesAtRest();

  std::optional<testing::TempTree> tree_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Snapshotter> snapshotter_;
};

}  // namespace onggi
