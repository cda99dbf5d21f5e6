#include <gtest/gtest.h>

#include "snapshotter/directory_sink.h"
#include "tests/conformance/layer_breakouts.h"

namespace onggi {
namespace {

TEST(LayerBreakouts, LeaveTheCanaryUntouched) {
  std::vector<Breakout> all = AllBreakouts();
  EXPECT_GE(all.size(), 34u);
  for (const Breakout& one : all) {
    RunBreakout(one, [](const std::string& directory) {
      return std::make_unique<DirectorySink>(Open(directory, O_RDONLY | O_DIRECTORY).value());
    });
  }
}

// Shows that the table bites: a sink that joins paths as text lets many through.
class NaiveSink : public LayerSink {
 public:
  explicit NaiveSink(std::string directory) : directory_(std::move(directory)) {}
  Result<> Add(const LayerEntry& entry) override {
    std::string path = directory_ + "/" + entry.path;
    if (entry.type == EntryType::kSymlink) {
      if (symlink(entry.link_target.c_str(), path.c_str()) != 0) return SysError("symlink");
    }
    if (entry.type == EntryType::kRegular) {
      UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    }
    return Ok();
  }
  Result<> Write(std::string_view) override { return Ok(); }
  Result<> Whiteout(const std::string&) override { return Ok(); }
  Result<> Opaque(const std::string&) override { return Ok(); }
  Result<LayerUsage> Finish() override { return LayerUsage{}; }

 private:
  std::string directory_;
};

TEST(LayerBreakouts, CatchASinkThatJoinsPaths) {
  Result<TempDir> dir = TempDir::Make();
  ASSERT_TRUE(dir);
  std::string canary = dir->path() + "/canary";
  ASSERT_TRUE(MakeDirs(canary));
  ASSERT_TRUE(MakeDirs(dir->path() + "/root"));
  ASSERT_TRUE(WriteFileAtomic(canary + "/file", "canary"));
  std::string before = Fingerprint(canary);
  NaiveSink sink(dir->path() + "/root");
  std::string tar = LinkThen("../canary").File("link/file", "evil").End();
  StringSource source(tar);
  (void)ApplyLayer(source, sink);  // whatever it answers, the canary has changed
  EXPECT_NE(Fingerprint(canary), before);
}

}  // namespace
}  // namespace onggi
