#include "config/load.h"

#include <gtest/gtest.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "config/keys.h"

namespace onggi {
namespace {

Result<Config> Apply(std::string_view text) {
  Config config;
  TRY(ApplyConfigText(text, "c.yaml", config));
  return config;
}

std::string ErrorOf(std::string_view text) {
  auto config = Apply(text);
  if (config) return "accepted";
  EXPECT_EQ(config.error().code(), Code::kInvalidArgument);
  return config.error().message();
}

TEST(ConfigText, EmptyTextKeepsTheDefaults) {
  for (const char* text : {"", "# only a comment\n", "---\n", "network:\n"}) {
    auto config = Apply(text);
    ASSERT_TRUE(config.has_value()) << text;
    EXPECT_EQ(*config, Config{}) << text;
  }
}

TEST(ConfigText, ReadsEveryKindOfValue) {
  auto config = Apply(R"(
socket: /run/a.sock
cgroup: {driver: systemd, parent: kube.slice}
network:
  builtin: false
  cni: {bin_dirs: [/a, /b], timeout_s: 5}
registry:
  mirrors:
    docker.io: ["https://m.example", "http://10.0.0.5:5000/v2x"]
    "127.0.0.1:5000": [{url: "https://a", skip_verify: true}]
runtime:
  handlers:
    crun: {path: /usr/bin/crun, type: oci}
    other: {path: /usr/bin/other}
streaming: {port: 10010}
log: {level: debug}
)");
  ASSERT_TRUE(config.has_value()) << config.error().message();
  EXPECT_EQ(config->socket, "/run/a.sock");
  EXPECT_EQ(config->cgroup, (CgroupConfig{"systemd", "kube.slice"}));
  EXPECT_FALSE(config->network.builtin);
  EXPECT_EQ(config->network.cni_bin_dirs, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config->network.cni_timeout_s, 5);
  EXPECT_EQ(config->registry_mirrors["docker.io"],
            (std::vector<MirrorEndpoint>{{"https://m.example"}, {"http://10.0.0.5:5000/v2x"}}));
  EXPECT_EQ(config->registry_mirrors["127.0.0.1:5000"],
            (std::vector<MirrorEndpoint>{{"https://a", true}}));
  EXPECT_EQ(config->runtime_handlers["crun"], (HandlerConfig{"/usr/bin/crun", "oci"}));
  EXPECT_EQ(config->runtime_handlers["other"].path, "/usr/bin/other");
  EXPECT_EQ(config->streaming.port, 10010);
  EXPECT_EQ(config->log_level, "debug");
  EXPECT_EQ(config->root, Config{}.root);
}

struct BadCase {
  const char* text;
  const char* error;
};

class BadConfig : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadConfig, NamesFileLineKeyAndWhatWasExpected) {
  EXPECT_EQ(ErrorOf(GetParam().text), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfig,
    ::testing::Values(
        BadCase{"\nnetwork:\n  biultin: true\n",
                "c.yaml:3: key network.biultin: expected one of the keys builtin, default_subnet, "
                "cni, found 'biultin'"},
        BadCase{"root: relative\n",
                "c.yaml:1: key root: expected an absolute path, found 'relative'"},
        BadCase{"root: /a/../b\n",
                "c.yaml:1: key root: expected an absolute path, found '/a/../b'"},
        BadCase{"root: [a]\n", "c.yaml:1: key root: expected an absolute path, found a list"},
        BadCase{"root:\n", "c.yaml:1: key root: expected an absolute path, found nothing"},
        BadCase{"cgroup:\n  driver: docker\n",
                "c.yaml:2: key cgroup.driver: expected cgroupfs or systemd, found 'docker'"},
        BadCase{"network: /etc\n",
                "c.yaml:1: key network: expected a mapping of builtin, default_subnet, cni, found "
                "'/etc'"},
        BadCase{"network: {builtin: yes}\n",
                "c.yaml:1: key network.builtin: expected true or false, found 'yes'"},
        BadCase{"network: {builtin: \"true\"}\n",
                "c.yaml:1: key network.builtin: expected true or false, found 'true'"},
        BadCase{"network: {default_subnet: 10.0.0.0}\n",
                "c.yaml:1: key network.default_subnet: expected an IPv4 subnet like 10.89.0.0/16, "
                "or \"\", found '10.0.0.0'"},
        BadCase{"streaming:\n  port: 65536\n",
                "c.yaml:2: key streaming.port: expected a whole number from 0 to 65535, found "
                "'65536'"},
        BadCase{"streaming:\n  port: 0x10\n",
                "c.yaml:2: key streaming.port: expected a whole number from 0 to 65535, found "
                "'0x10'"},
        BadCase{"streaming: {address: localhost}\n",
                "c.yaml:1: key streaming.address: expected an IP address, found 'localhost'"},
        BadCase{"log: {level: loud}\n",
                "c.yaml:1: key log.level: expected debug, info, warn or error, found 'loud'"},
        BadCase{"network:\n  cni:\n    bin_dirs:\n      - /a\n      - b\n",
                "c.yaml:5: key network.cni.bin_dirs: expected a list of absolute paths, found 'b'"},
        BadCase{"registry: {mirrors: {docker.io: https://a}}\n",
                "c.yaml:1: key registry.mirrors.docker.io: expected a list of endpoints, found "
                "'https://a'"},
        BadCase{"registry: {mirrors: {docker.io: [\"m.example\"]}}\n",
                "c.yaml:1: key registry.mirrors.docker.io: expected a URL of http:// or https:// "
                "without credentials, found 'm.example'"},
        BadCase{"runtime:\n  handlers:\n    kata: {path: kata}\n",
                "c.yaml:3: key runtime.handlers.kata.path: expected an absolute path, found "
                "'kata'"},
        BadCase{"runtime:\n  handlers:\n    kata: {type: oci}\n",
                "c.yaml:3: key runtime.handlers.kata: expected a path, found none"},
        BadCase{"root: /a\nroot: /b\n",
                "c.yaml:2: key root: expected the key once, found it a second time"},
        BadCase{"- a\n", "c.yaml:1: expected a mapping of keys, found a list"},
        BadCase{"root: /a\n---\nroot: /b\n", "c.yaml:3: expected one YAML document, found 2"}));

TEST(ConfigText, SaysWhereTextIsNoYaml) {
  EXPECT_EQ(ErrorOf("root: /a\nlog: {level: info\n").substr(0, 9), "c.yaml:3:");
  EXPECT_NE(ErrorOf("a: ]\n").find("expected YAML"), std::string::npos);
}

TEST(ConfigText, RefusesCredentialsInUrlsWithoutRepeatingThem) {
  std::string error = ErrorOf("registry: {mirrors: {a: [\"https://u:hunter2@m\"]}}\n");
  EXPECT_NE(error.find("without credentials"), std::string::npos) << error;
  EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
}

TEST(ConfigText, RefusesASocketPathThatTheKernelCannotHold) {
  EXPECT_EQ(ErrorOf("socket: /" + std::string(106, 'a')), "accepted");
  EXPECT_NE(ErrorOf("socket: /" + std::string(107, 'a')).find("at most 107 bytes"),
            std::string::npos);
}

TEST(ConfigText, NestingAndAliasesDoNotExplode) {
  EXPECT_NE(ErrorOf(std::string(100'000, '[')), "accepted");
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 9; ++k) bomb += "," + last;
    bomb += "]\n";
  }
  EXPECT_NE(ErrorOf(bomb).find("key a0:"), std::string::npos);
}

class ConfigFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::Make();
    ASSERT_TRUE(dir.has_value());
    dir_ = std::make_unique<TempDir>(std::move(dir).value());
    ASSERT_TRUE(MakeDirs(Path("conf.d")).has_value());
  }
  std::string Path(const std::string& name) const { return dir_->path() + "/" + name; }
  void Write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(WriteFileAtomic(Path(name), text).has_value());
  }
  std::unique_ptr<TempDir> dir_;
};

TEST_F(ConfigFiles, DropInsComeAfterTheMainFileInOrderOfNames) {
  Write("config.yaml",
        "log: {level: warn}\nregistry: {mirrors: {a: [\"http://1\"], b: [\"http://2\"]}}\n");
  Write("conf.d/20-b.yaml", "log: {level: debug}\n");
  Write("conf.d/10-a.yaml", "log: {level: error}\nregistry: {mirrors: {b: [\"http://3\"]}}\n");
  Write("conf.d/notes.txt", "not: [yaml");
  auto config = LoadConfig(Path("config.yaml"), true);
  ASSERT_TRUE(config.has_value()) << config.error().message();
  EXPECT_EQ(config->log_level, "debug");
  EXPECT_EQ(config->registry_mirrors["a"][0].url, "http://1");
  EXPECT_EQ(config->registry_mirrors["b"][0].url, "http://3");
}

TEST_F(ConfigFiles, AnErrorNamesTheDropIn) {
  Write("config.yaml", "");
  Write("conf.d/10-a.yaml", "\n\nlog: {level: loud}\n");
  auto config = LoadConfig(Path("config.yaml"), true);
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().message().substr(0, Path("conf.d/10-a.yaml:3:").size()),
            Path("conf.d/10-a.yaml:3:"));
}

TEST_F(ConfigFiles, AnAbsentFileIsAnErrorOnlyWhenItWasNamed) {
  EXPECT_TRUE(LoadConfig(Path("none.yaml"), false).has_value());
  auto config = LoadConfig(Path("none.yaml"), true);
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message().find("none.yaml"), std::string::npos);
}

}  // namespace
}  // namespace onggi
