#include "config/print.h"

#include <gtest/gtest.h>

#include "base/file_io.h"
#include "base/json.h"
#include "config/keys.h"
#include "config/load.h"
#include "tests/support/source_tree.h"

namespace onggi {
namespace {

TEST(PrintConfig, DefaultsParseBackToTheDefaults) {
  Config config;
  // Start from other values, so that every key must really be read.
  config.socket = config.root = config.state = "/elsewhere";
  config.network.builtin = false;
  config.network.cni_bin_dirs.clear();
  config.streaming.port = 7;
  config.log_level = "debug";
  ASSERT_TRUE(ApplyConfigText(PrintConfig(Config{}), "default", config).has_value());
  EXPECT_EQ(config, Config{});
}

TEST(PrintConfig, OddValuesParseBack) {
  Config odd;
  odd.image.pinned = {"a*", "quote\"d", "yes", "1"};
  odd.registry_mirrors = {{"docker.io", {{"https://a", true}, {"http://b"}}},
                          {"127.0.0.1:5000", {}}};
  odd.runtime_handlers = {{"crun", {"/usr/bin/crun"}}};
  Config read;
  auto applied = ApplyConfigText(PrintConfig(odd), "odd", read);
  ASSERT_TRUE(applied.has_value()) << applied.error().message();
  EXPECT_EQ(read, odd);
}

TEST(PrintConfig, EveryKeyStandsBelowItsComment) {
  std::string text = PrintConfig(Config{});
  for (const ConfigKey& key : ConfigKeys()) {
    std::string help(key.help.substr(0, key.help.find('\n')));
    EXPECT_NE(text.find("# " + help), std::string::npos) << key.path;
    EXPECT_FALSE(key.expected.empty()) << key.path;
  }
}

TEST(ConfigJson, HoldsEveryKeyByItsPath) {
  Config config;
  config.registry_mirrors = {{"docker.io", {{"https://a", true}}}};
  config.runtime_handlers = {{"crun", {"/usr/bin/crun"}}};
  auto json = ParseJson(ConfigJson(config));
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->size(), ConfigKeys().size());
  EXPECT_EQ(JsonMember(*json, "streaming.port"), 0);
  EXPECT_EQ(JsonMember(*json, "network.builtin"), true);
  EXPECT_EQ(DumpJson(JsonMember(*json, "registry.mirrors")),
            R"({"docker.io":[{"skip_verify":true,"url":"https://a"}]})");
  EXPECT_EQ(DumpJson(JsonMember(*json, "runtime.handlers")),
            R"({"crun":{"path":"/usr/bin/crun","type":"oci"}})");
}

TEST(ChangedKeys, NamesTheKeysThatDiffer) {
  Config a;
  Config b;
  EXPECT_TRUE(ChangedKeys(a, b).empty());
  b.socket = "/other";
  b.registry_mirrors = {{"docker.io", {{"https://a", true}}}};
  EXPECT_EQ(ChangedKeys(a, b), (std::vector<std::string>{"socket", "registry.mirrors"}));
}

TEST(ConfigReference, TheDocumentHoldsTheTable) {
  auto document = ReadFile(testing::SourceDirectory() + "/docs/CONFIG.md");
  ASSERT_TRUE(document.has_value()) << document.error().message();
  EXPECT_NE(document->find(PrintConfigReference()), std::string::npos)
      << "docs/CONFIG.md differs from the table of keys:\n"
      << PrintConfigReference();
}

TEST(DeployedConfig, TheShippedFileIsTheDefaults) {
  auto shipped = ReadFile(testing::SourceDirectory() + "/deploy/config.yaml");
  ASSERT_TRUE(shipped.has_value()) << shipped.error().message();
  EXPECT_EQ(*shipped, PrintConfig(Config{}));
}

}  // namespace
}  // namespace onggi
