#include "server/places.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/json.h"
#include "base/temp_dir.h"
#include "tests/support/source_tree.h"

namespace onggi {
namespace {

TEST(DefaultConflist, IsTheDeployedOne) {
  auto deployed = ReadFile(testing::SourceDirectory() + "/deploy/cni/10-onggi.conflist");
  ASSERT_TRUE(deployed.has_value()) << deployed.error().message();
  auto expected = ParseJson(*deployed);
  auto made = ParseJson(DefaultConflist("10.89.0.0/16"));
  ASSERT_TRUE(expected.has_value());
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(*made, *expected) << DumpJson(*made);
  EXPECT_EQ(DefaultConflist(""), "");
}

TEST(PrepareDirectories, RefusesASecondDaemonNamingTheFirst) {
  auto dir = TempDir::Make();
  ASSERT_TRUE(dir.has_value());
  Config config;
  config.root = dir->path() + "/root";
  config.state = dir->path() + "/state";
  auto first = PrepareDirectories(config);
  ASSERT_TRUE(first.has_value()) << first.error().message();
  EXPECT_TRUE(PathExists(config.state));
  auto second = PrepareDirectories(config);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), Code::kFailedPrecondition);
  EXPECT_NE(second.error().message().find("process " + std::to_string(getpid())),
            std::string::npos);
}

TEST(PrepareDirectories, SaysWhichDirectoryCannotBeMade) {
  auto dir = TempDir::Make();
  ASSERT_TRUE(dir.has_value());
  ASSERT_TRUE(WriteFileAtomic(dir->path() + "/file", "x").has_value());
  Config config;
  config.root = dir->path() + "/file/root";
  config.state = dir->path() + "/state";
  auto refused = PrepareDirectories(config);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message().rfind("root: ", 0), 0u) << refused.error().message();
}

TEST(FindRuntime, SaysWhatIsNoProgram) {
  auto dir = TempDir::Make();
  ASSERT_TRUE(dir.has_value());
  std::string path = dir->path() + "/runtime";
  EXPECT_EQ(FindRuntime(path).error().code(), Code::kNotFound);
  ASSERT_TRUE(WriteFileAtomic(path, "#!/bin/sh\n", 0755).has_value());
  ASSERT_EQ(chmod(path.c_str(), 0755), 0);
  EXPECT_EQ(FindRuntime(path).value_or(""), path);
}

}  // namespace
}  // namespace onggi
