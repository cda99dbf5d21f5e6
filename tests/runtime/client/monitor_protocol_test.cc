#include "runtime/client/monitor_protocol.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(MonitorProtocol, MessageKeepsItsPayload) {
  MonitorMessage message{.id = 7, .op = "x", .body = {{"a", 1}}, .payload = std::string("p\0q", 3)};
  auto decoded = DecodeMonitorMessage(EncodeMonitorMessage(message));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->id, 7U);
  EXPECT_EQ(decoded->op, "x");
  EXPECT_EQ(decoded->payload, message.payload);
}

TEST(MonitorProtocol, ErrorComesBackWithCodeAndErrno) {
  auto answer = DecodeMonitorMessage(EncodeError(3, Error(Code::kNotFound, "no such file", 2)));
  ASSERT_THAT(answer, IsOk());
  auto status = AnswerStatus(*answer);
  ASSERT_THAT(status, FailsWith(Code::kNotFound, "no such file"));
  EXPECT_EQ(status.error().sys_errno(), 2);
  MonitorMessage odd{.body = {{"error", {{"code", 99}, {"message", "m"}}}}};
  EXPECT_THAT(AnswerStatus(odd), FailsWith(Code::kUnknown, "m"));
}

TEST(MonitorProtocol, OtherVersionIsRefusedWithBothNumbers) {
  EXPECT_THAT(CheckVersion({{"protocol", 2}}), FailsWith(Code::kInvalidArgument, "protocol 2"));
  EXPECT_THAT(CheckVersion(Json::object()), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(CheckVersion({{"protocol", kMonitorProtocol}}), IsOk());
}

TEST(MonitorProtocol, SetupKeepsAll) {
  MonitorOptions options{.directory = "/run/p",
                         .ipc = false,
                         .shared_pid = true,
                         .uid_mappings = {{0, 100000, 65536}},
                         .gid_mappings = {{0, 200000, 65536}},
                         .hostname = "h",
                         .sysctls = {{"net.a", "1"}},
                         .pin_directory = "/pin",
                         .cgroup = "/onggi"};
  auto decoded = DecodeSetup(EncodeSetup(options));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(EncodeSetup(*decoded), EncodeSetup(options));
  EXPECT_EQ(decoded->gid_mappings[0].host_id, 200000U);
}

TEST(MonitorProtocol, CreateKeepsAll) {
  ContainerCreate create{.id = "c1",
                         .log_path = "/l",
                         .max_log_line = 100,
                         .stdin_open = true,
                         .stdin_once = true,
                         .cgroup_dirs = {"/a", "/b"},
                         .pid_target = "c0",
                         .host_pid = true};
  create.spec.process.emplace();
  create.spec.process->args = {"/bin/true"};
  auto decoded = DecodeCreate(EncodeCreate(create));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->id, "c1");
  EXPECT_EQ(decoded->cgroup_dirs.size(), 2U);
  EXPECT_EQ(decoded->spec.process->args[0], "/bin/true");
  EXPECT_TRUE(decoded->stdin_once && decoded->host_pid);
  create.max_log_line = 1 << 30;
  EXPECT_EQ(DecodeCreate(EncodeCreate(create))->max_log_line, kMaxLogLine);
}

TEST(MonitorProtocol, IdsCannotBePaths) {
  for (const char* id : {"", ".", "..", "a/b", "a b", "../x", ".hidden"}) {
    EXPECT_THAT(CheckId(id), FailsWith(Code::kInvalidArgument)) << id;
  }
  EXPECT_THAT(CheckId(std::string(128, 'a')), IsOk());
  EXPECT_FALSE(CheckId(std::string(129, 'a')));
}

TEST(MonitorProtocol, ExecNamesItsDescriptors) {
  ExecStart exec{.exec_id = "e", .container_id = "c", .has_fd = {true, false, true}};
  exec.process.args = {"true"};
  auto decoded = DecodeExec(EncodeExec(exec));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_TRUE(decoded->has_fd[0] && !decoded->has_fd[1] && decoded->has_fd[2]);
  MonitorMessage odd = EncodeExec(exec);
  odd.body["fds"] = 8;
  EXPECT_THAT(DecodeExec(odd), FailsWith(Code::kInvalidArgument));
}

TEST(MonitorProtocol, ContainersAndExitsKeepAll) {
  MonitoredContainer container{.id = "c", .state = MonitoredContainer::State::kExited, .pid = 5};
  container.exit = ContainerExit{
      .id = "c", .exit_code = 137, .signal = 9, .oom_killed = true, .finished_at_ns = 42};
  MonitorIdentity identity{
      .pid = 9, .start_time = 8, .namespaces = {{"network", "/n"}}, .containers = {container}};
  auto decoded = DecodeIdentity(EncodeIdentity(identity));
  ASSERT_THAT(decoded, IsOk());
  ASSERT_TRUE(decoded->containers.at(0).exit);
  EXPECT_TRUE(decoded->containers[0].exit->oom_killed);
  EXPECT_EQ(decoded->containers[0].exit->finished_at_ns, 42);
  EXPECT_EQ(decoded->namespaces.at("network"), "/n");
}

TEST(MonitorProtocol, WrongTypesAreErrors) {
  EXPECT_THAT(DecodeMonitorMessage("[]"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(DecodeMonitorMessage("{\"id\":-1}"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(DecodeMonitorMessage("{\"op\":1}"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(DecodeSetup({{"protocol", 1}, {"directory", 3}}), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(DecodeExit({{"container", "c"}, {"exit_code", int64_t{1} << 40}}),
              FailsWith(Code::kInvalidArgument));
}

}  // namespace
}  // namespace onggi
