#include "image/config_json.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;

TEST(ImageConfig, IsReadWhole) {
  auto config = ParseImageConfig(R"({"os":"linux","architecture":"arm64","variant":"v8",
    "created":"2024-01-01T00:00:00Z","rootfs":{"type":"layers","diff_ids":["sha256:)" +
                                 std::string(64, 'a') + R"("]},
    "config":{"User":"app","Env":["A=1","BAD","=x","*"],"Entrypoint":["/e"],"Cmd":null,
      "WorkingDir":"/w","Labels":{"k":"v"},"Volumes":{"/data":{}},"ExposedPorts":{"80/tcp":{}},
      "StopSignal":"SIGQUIT","Healthcheck":{"Test":["CMD","true"],"Interval":5,"Retries":3}}})");
  ASSERT_THAT(config, testing::IsOk());
  EXPECT_EQ(config->user, "app");
  EXPECT_THAT(config->env, ElementsAre("A=1"));
  EXPECT_THAT(config->entrypoint, ElementsAre("/e"));
  EXPECT_TRUE(config->command.empty());
  EXPECT_THAT(config->volumes, ElementsAre("/data"));
  EXPECT_THAT(config->exposed_ports, ElementsAre("80/tcp"));
  EXPECT_EQ(config->health_check.retries, 3);
  EXPECT_EQ(config->platform.variant, "v8");
  EXPECT_EQ(config->diff_ids.size(), 1u);
}

TEST(ImageConfig, WrongTypesAndDigestsAreRefused) {
  for (const char* text : {"", "[]", "{\"rootfs\":1}", "{\"rootfs\":{\"diff_ids\":[1]}}",
                           "{\"rootfs\":{\"diff_ids\":[\"sha256:..\"]}}", "{\"config\":[]}",
                           "{\"config\":{\"Env\":\"A=1\"}}", "{\"config\":{\"User\":1}}",
                           "{\"config\":{\"Healthcheck\":{\"Retries\":-1}}}", "{\"os\":{}}"}) {
    EXPECT_THAT(ParseImageConfig(text), FailsWith(Code::kInvalidArgument)) << text;
  }
}

TEST(ImageHistory, IsReadInOrder) {
  auto history =
      ParseHistory(R"({"history":[{"created_by":"ADD"},{"created_by":"CMD","empty_layer":true}]})");
  ASSERT_THAT(history, testing::IsOk());
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ((*history)[0].created_by, "ADD");
  EXPECT_TRUE((*history)[1].empty_layer);
}

}  // namespace
}  // namespace onggi
