// Further processes in a running container.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file_io.h"
#include "runtime/kernel/seccomp.h"
#include "runtime/process/container_process.h"
#include "tests/runtime/support/default_profile.h"
#include "tests/runtime/support/test_container.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::IsOk;
using ::onggi::testing::Outcome;
using ::onggi::testing::TestContainer;

class ExecTest : public ::testing::Test {
 protected:
  void Start() { ASSERT_THAT(container_.StartSleep(), IsOk()); }
  Json Probe(std::vector<std::string> parts) {
    spec::Process process = *container_.spec().process;
    parts.insert(parts.begin(), "/bin/probe");
    process.args = std::move(parts);
    const Outcome outcome = container_.Exec(process);
    EXPECT_EQ(outcome.code, 0) << outcome.error << outcome.out;
    return ParseJson(outcome.out).value_or(Json());
  }
  TestContainer container_;
};

TEST_F(ExecTest, EntersEveryNamespaceAndTheCgroup) {
  Start();
  const Json probe = Probe({"namespaces", "identity"});
  const std::string proc = "/proc/" + std::to_string(container_.init().pid) + "/ns/";
  for (const auto& [name, inode] : JsonMember(probe, "namespaces").items()) {
    const std::string link = std::filesystem::read_symlink(proc + name);
    EXPECT_EQ(link, std::filesystem::path(link.substr(0, link.find('[') + 1) + inode.dump() + "]"));
  }
  const Outcome groups = container_.ExecShell("cat /proc/self/cgroup");
  EXPECT_NE(groups.out.find("memory:/\n"), std::string::npos) << groups.out;
  EXPECT_EQ(container_.ExecShell("exit 5").code, 5);
}

TEST_F(ExecTest, HasNoMoreThanTheContainersProcess) {
  container_.spec().linux_.seccomp = ::onggi::testing::SmallProfile();
  Start();
  spec::Process process = *container_.spec().process;
  process.capabilities.reset();
  process.args = {"/bin/probe", "identity", "arguments", "descriptors"};
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd leaked, Open("/", O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(fcntl(leaked.get(), F_SETFD, 0), 0);
  const Outcome outcome = container_.Exec(process);
  const Json probe = ParseJson(outcome.out).value_or(Json());
  EXPECT_EQ(JsonMember(probe, "identity")["CapEff"], "0000000020000420") << outcome.error;
  EXPECT_EQ(JsonMember(probe, "identity")["CapInh"], "0000000000000000");
  EXPECT_EQ(JsonMember(probe, "identity")["Seccomp"], "2");
  EXPECT_EQ(JsonMember(probe, "arguments")["keyctl"], EPERM);
  EXPECT_EQ(JsonMember(probe, "descriptors").size(), 3U);
}

TEST_F(ExecTest, TakesACompiledFilter) {
  container_.spec().linux_.seccomp = ::onggi::testing::SmallProfile();
  Start();
  ONGGI_ASSERT_OK_AND_ASSIGN(const std::vector<sock_filter> program,
                             CompileSeccomp(*container_.spec().linux_.seccomp));
  spec::Process process = *container_.spec().process;
  process.args = {"/bin/grep", "Seccomp:", "/proc/self/status"};
  EXPECT_EQ(container_.Exec(process, &program).out, "Seccomp:\t2\n");
}

TEST_F(ExecTest, RefusesWorkingDirectoriesThatAreDescriptors) {
  Start();
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd leaked, Open("/", O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(fcntl(leaked.get(), F_SETFD, 0), 0);
  spec::Process process = *container_.spec().process;
  process.args = {"/bin/pwd"};
  for (int fd = 3; fd < 24; ++fd) {
    process.cwd = "/proc/self/fd/" + std::to_string(fd);
    EXPECT_EQ(container_.Exec(process).code, -1) << fd;
  }
}

TEST_F(ExecTest, MissingProgramsAndDirectoriesAreTold) {
  Start();
  spec::Process process = *container_.spec().process;
  process.args = {"nosuch"};
  EXPECT_NE(container_.Exec(process).error.find("not found in $PATH"), std::string::npos);
  process.args = {"/bin/true"};
  process.cwd = "/nodir";
  EXPECT_NE(container_.Exec(process).error.find("working directory /nodir"), std::string::npos);
}

TEST_F(ExecTest, ATerminalOfTheContainersDevpts) {
  Start();
  spec::Process process = *container_.spec().process;
  process.terminal = true;
  process.args = {"/bin/sh", "-c", "readlink /proc/self/fd/0; sleep 0.1"};
  EXPECT_NE(container_.Exec(process).out.find("/dev/pts/0"), std::string::npos);
}

TEST_F(ExecTest, ADevptsThatIsNoneIsRefused) {
  std::erase_if(container_.spec().mounts,
                [](const spec::Mount& mount) { return mount.destination == "/dev/pts"; });
  Start();
  (void)container_.ExecShell("mkdir -p /dev/pts; touch /dev/pts/ptmx");
  spec::Process process = *container_.spec().process;
  process.terminal = true;
  process.args = {"/bin/true"};
  EXPECT_NE(container_.Exec(process).error.find("not a terminal multiplexer"), std::string::npos);
}

TEST_F(ExecTest, AContainerThatEndedIsAnError) {
  Start();
  ASSERT_EQ(kill(container_.init().pid, SIGKILL), 0);
  siginfo_t info{};
  ASSERT_EQ(
      waitid(P_PIDFD, static_cast<id_t>(container_.init().pidfd.get()), &info, WEXITED | WNOWAIT),
      0);
  EXPECT_NE(container_.ExecShell("true").error, "");
}

TEST_F(ExecTest, EntersAUserNamespace) {
  container_.spec().linux_.namespaces.push_back({"user", ""});
  container_.spec().linux_.uid_mappings = {{0, 100000, 65536}};
  container_.spec().linux_.gid_mappings = {{0, 100000, 65536}};
  Start();
  const Outcome outcome = container_.ExecShell("id; cat /proc/self/uid_map");
  EXPECT_NE(outcome.out.find("uid=0"), std::string::npos) << outcome.error;
  EXPECT_NE(outcome.out.find("100000"), std::string::npos);
}

}  // namespace
}  // namespace onggi
