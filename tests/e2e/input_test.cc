#include <gmock/gmock.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "tests/e2e/node.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;

// Starts onggid on a configuration that must be refused.
CommandOutput RunDaemon(const std::string& config, const std::vector<std::string>& prefix = {}) {
  auto dir = TempDir::Make();
  EXPECT_TRUE(dir.has_value());
  std::string file = dir->path() + "/config.yaml";
  EXPECT_TRUE(WriteFileAtomic(file, config).has_value());
  std::vector<std::string> argv = prefix;
  for (const std::string& word : {BinDirectory() + "/onggid", std::string("--config"), file})
    argv.push_back(word);
  auto output = RunCommand(
      {.argv = argv, .env = {"PATH=/usr/bin:/bin"}, .timeout = std::chrono::seconds(20)});
  if (!output) {
    ADD_FAILURE() << output.error().message();
    return {};
  }
  return std::move(output).value();
}

TEST(BadInput, AnUnknownKeyEndsWith78AndNamesFileLineAndKey) {
  CommandOutput output = RunDaemon("socket: /tmp/onggi-none.sock\nnetwork:\n  buildin: true\n");
  EXPECT_EQ(output.status.code, 78);
  EXPECT_THAT(output.err, HasSubstr("config.yaml:3"));
  EXPECT_THAT(output.err, HasSubstr("buildin"));
}

TEST(BadInput, AWrongTypeEndsWith78) {
  CommandOutput output = RunDaemon("streaming:\n  port: many\n");
  EXPECT_EQ(output.status.code, 78);
  EXPECT_THAT(output.err, HasSubstr("streaming.port"));
}

TEST(BadInput, ASocketPathThatDoesNotFitIsRefused) {
  std::string path = "/tmp/" + std::string(150, 's') + ".sock";
  CommandOutput output =
      RunDaemon("socket: " + path + "\nroot: /tmp/onggi-bad-root\nstate: /tmp/onggi-bad-state\n");
  EXPECT_FALSE(output.status.ok());
  EXPECT_THAT(output.err, HasSubstr("107"));
  Shell("rm -rf /tmp/onggi-bad-root /tmp/onggi-bad-state");
}

TEST(BadInput, ARootThatCantBeWrittenIsRefused) {
  CommandOutput output =
      RunDaemon("socket: /tmp/onggi-none.sock\nroot: /proc/onggi\nstate: /tmp/onggi-bad-state\n");
  EXPECT_FALSE(output.status.ok());
  EXPECT_THAT(output.err, HasSubstr("/proc/onggi"));
  Shell("rm -rf /tmp/onggi-bad-state");
}

TEST(BadInput, WithoutRootItSaysSoInOneLine) {
  std::string copy = "/tmp/onggid-unprivileged";
  Shell("cp " + BinDirectory() + "/onggid " + copy + " && chmod 755 " + copy);
  auto output = RunCommand({.argv = {"/usr/bin/setpriv", "--reuid=65534", "--clear-groups", copy},
                            .env = {"PATH=/usr/bin"},
                            .timeout = std::chrono::seconds(20)});
  ASSERT_TRUE(output.has_value());
  EXPECT_FALSE(output->status.ok());
  EXPECT_THAT(output->err, HasSubstr("root"));
  EXPECT_EQ(std::count(output->err.begin(), output->err.end(), '\n'), 1) << output->err;
  (void)RemoveFile(copy);
}

TEST(BadInput, TheClientNamesTheWayOutWhenNoDaemonIsThere) {
  auto output =
      RunCommand({.argv = {BinDirectory() + "/onggi", "--socket", "/tmp/onggi-none.sock", "ps"},
                  .env = {"PATH=/usr/bin"}});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->status.code, 1);
  EXPECT_THAT(output->err, HasSubstr("systemctl start onggid"));
}

}  // namespace
}  // namespace onggi::testing
