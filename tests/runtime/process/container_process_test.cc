// The whole way of a first process, and what stands when it runs.
#include "runtime/process/container_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <filesystem>

#include "base/file_io.h"
#include "runtime/process/start_socket.h"
#include "tests/runtime/support/default_profile.h"
#include "tests/runtime/support/test_container.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::FailsWith;
using ::onggi::testing::IsOk;
using ::onggi::testing::Outcome;
using ::onggi::testing::TestContainer;
using ::testing::HasSubstr;

bool Holds(const Outcome& outcome, const std::string& text) {
  return (outcome.out + outcome.error).find(text) != std::string::npos;
}

TEST(Init, RunsWithItsExitCode) {
  TestContainer container;
  EXPECT_EQ(container.RunShell("exit 7").code, 7);
  EXPECT_EQ(container.RunShell("kill -9 $$; echo not reached").code, 0);  // pid 1 is immune
}

TEST(Init, WaitsBeforeExecveUntilItIsReleased) {
  TestContainer container;
  container.spec().process->args = {"/bin/true"};
  ONGGI_ASSERT_OK_AND_ASSIGN(StartedInit init, CreateInit(container.spec(), container.options()));
  const std::string exe =
      std::filesystem::read_symlink("/proc/" + std::to_string(init.pid) + "/exe");
  EXPECT_EQ(exe, std::filesystem::read_symlink("/proc/self/exe"));
  ASSERT_THAT(StartInit(init), IsOk());
  EXPECT_EQ(::onggi::testing::WaitFor(init.pidfd.get()), 0);
}

TEST(Init, ReleasesThroughASocketFromElsewhere) {
  TestContainer container;
  container.spec().process->args = {"/bin/true"};
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd listener,
                             ListenForStart(container.directory(), "start.sock"));
  container.options().start_listener = listener.get();
  ONGGI_ASSERT_OK_AND_ASSIGN(StartedInit init, CreateInit(container.spec(), container.options()));
  EXPECT_THAT(ReleaseInitAt(container.directory() + "/start.sock"), IsOk());
  EXPECT_EQ(::onggi::testing::WaitFor(init.pidfd.get()), 0);
  EXPECT_THAT(ReleaseInitAt(container.directory() + "/start.sock"),
              FailsWith(Code::kFailedPrecondition));
}

TEST(Init, EndsWhenItsCreatorIsGoneBeforeTheStart) {
  TestContainer container;
  ONGGI_ASSERT_OK_AND_ASSIGN(StartedInit init, CreateInit(container.spec(), container.options()));
  init.channel.reset();
  EXPECT_EQ(::onggi::testing::WaitFor(init.pidfd.get()), 1);
}

TEST(Init, TellsWhatIsWrongWithTheProgram) {
  TestContainer container;
  EXPECT_THAT(container.Run({"nosuch"}).error, HasSubstr("executable file not found in $PATH"));
  EXPECT_TRUE(Holds(container.Run({"/no/such"}), "no such file or directory"));
  EXPECT_TRUE(Holds(container.Run({"/etc"}), "permission denied"));
  ASSERT_THAT(WriteFileAtomic(container.rootfs() + "/bin/odd",
                              "\x7f"
                              "ELFxx",
                              0755),
              IsOk());
  EXPECT_TRUE(Holds(container.Run({"/bin/odd"}), "exec format error"));
  ASSERT_THAT(WriteFileAtomic(container.rootfs() + "/bin/script", "#!/no/such\n", 0755), IsOk());
  EXPECT_TRUE(Holds(container.Run({"/bin/script"}), "its interpreter"));
}

TEST(Init, SearchesThePathOfTheContainer) {
  TestContainer container;
  ASSERT_THAT(MakeDirs(container.rootfs() + "/opt"), IsOk());
  ASSERT_THAT(WriteFileAtomic(container.rootfs() + "/opt/tool", "#!/bin/sh\necho tool\n", 0755),
              IsOk());
  container.spec().process->env = {"PATH=/nodir:/opt"};
  EXPECT_EQ(container.Run({"tool"}).out, "tool\n");
}

TEST(Init, HoldsOnlyWhatItWasGiven) {
  TestContainer container;
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd leaked, Open("/", O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(fcntl(leaked.get(), F_SETFD, 0), 0);  // as a careless caller would have it
  const Json probe = container.Probe({"descriptors"});
  const Json& descriptors = JsonMember(probe, "descriptors");
  EXPECT_EQ(descriptors.size(), 3U) << descriptors.dump();
  for (const auto& [fd, what] : descriptors.items())
    EXPECT_FALSE(what["directory"].get<bool>()) << fd;
}

TEST(Init, RefusesWorkingDirectoriesThatAreDescriptors) {
  TestContainer container;
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd leaked, Open("/", O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(fcntl(leaked.get(), F_SETFD, 0), 0);
  for (int fd = 3; fd < 24; ++fd) {
    container.spec().process->cwd = "/proc/self/fd/" + std::to_string(fd);
    const Outcome outcome = container.RunShell("ls /; pwd");
    EXPECT_EQ(outcome.code, -1) << fd << outcome.out;
  }
}

TEST(Init, MakesTheWorkingDirectory) {
  TestContainer container;
  container.spec().process->cwd = "/made/for/me";
  EXPECT_EQ(container.RunShell("pwd").out, "/made/for/me\n");
}

TEST(Init, IsolatesAsItsDocumentSays) {
  TestContainer container;
  container.spec().process->oom_score_adj = 321;
  container.spec().process->user.additional_gids = {77};
  container.spec().process->rlimits = {{"RLIMIT_NOFILE", 100, 200}};
  container.spec().linux_.sysctl = {{"net.ipv4.ip_forward", "1"}, {"kernel.shmmni", "99"}};
  const Json probe = container.Probe({"identity", "namespaces", "paths", "devices"});
  const Json& id = JsonMember(probe, "identity");
  EXPECT_EQ(id["CapEff"], "0000000020000420");
  EXPECT_EQ(id["CapBnd"], "0000000020000420");
  EXPECT_EQ(id["CapInh"], "0000000000000000");
  EXPECT_EQ(id["CapAmb"], "0000000000000000");
  EXPECT_EQ(id["NoNewPrivs"], "1");
  EXPECT_EQ(id["Umask"], "0022");
  EXPECT_EQ(id["oomScoreAdj"], "321");
  EXPECT_EQ(id["Groups"], "77");
  EXPECT_EQ(id["limits"]["7"], (Json{100, 200}));
  EXPECT_EQ(id["pid"], 1);
  for (const auto& [name, inode] : JsonMember(probe, "namespaces").items()) {
    struct stat st {};
    ASSERT_EQ(stat(("/proc/self/ns/" + name).c_str(), &st), 0);
    const bool shared = name == "user" || name == "time";
    EXPECT_EQ(inode == st.st_ino, shared) << name;
  }
  for (const auto& [path, look] : JsonMember(probe, "paths").items()) {
    if (look.is_string()) continue;
    if (look["type"] == "character") {
      EXPECT_EQ(look["device"], "1:3") << path;
      EXPECT_EQ(look["bytes"], 0) << path;
    } else {
      EXPECT_EQ(look["write"], EROFS) << path << look.dump();
    }
  }
}

TEST(Init, DeviceCgroupAllowsTheDefaultsOnly) {
  TestContainer container;
  for (auto* set : {&container.spec().process->capabilities->bounding,
                    &container.spec().process->capabilities->effective,
                    &container.spec().process->capabilities->permitted}) {
    set->push_back("CAP_MKNOD");
  }
  for (spec::Mount& mount : container.spec().mounts) {
    if (mount.destination == "/dev/shm") std::erase(mount.options, "nodev");
  }
  const Json probe = container.Probe({"devices"});
  const Json& devices = JsonMember(probe, "devices");
  for (const char* allowed : {"c 1:3", "c 1:5", "c 1:9"}) EXPECT_EQ(devices[allowed], 0) << allowed;
  for (const char* denied : {"c 1:1", "b 8:0", "b 254:0", "c 10:200"}) {
    EXPECT_EQ(devices[denied], EPERM) << denied;
  }
}

TEST(Init, SeccompHoldsInBothOrders) {
  for (const bool no_new_privileges : {true, false}) {
    TestContainer container;
    container.spec().linux_.seccomp = ::onggi::testing::SmallProfile();
    container.spec().process->no_new_privileges = no_new_privileges;
    const Json probe = container.Probe({"identity", "arguments"});
    EXPECT_EQ(JsonMember(probe, "identity")["Seccomp"], "2");
    const Json& answers = JsonMember(probe, "arguments");
    EXPECT_EQ(answers["socket(AF_VSOCK|high)"], EPERM);
    EXPECT_EQ(answers["socket(AF_UNIX)"], 0);
    EXPECT_EQ(answers["clone3"], ENOSYS);
    EXPECT_EQ(answers["newer call"], ENOSYS);
    EXPECT_EQ(answers["keyctl"], EPERM);
    EXPECT_EQ(answers["x32 getpid"], -1);
  }
}

TEST(Init, AnotherUserHasNoCapabilities) {
  TestContainer container;
  container.spec().process->user = {.uid = 1000, .gid = 1001};
  const Json probe = container.Probe({"identity"});
  const Json& id = JsonMember(probe, "identity");
  EXPECT_EQ(id["Uid"], "1000\t1000\t1000\t1000");
  EXPECT_EQ(id["Gid"], "1001\t1001\t1001\t1001");
  EXPECT_EQ(id["CapEff"], "0000000000000000");
  EXPECT_EQ(container.RunShell("echo x > /dev/stdout").out, "x\n");  // stdio is the user's
}

TEST(Init, AmbientCapabilitiesReachAnotherUser) {
  TestContainer container;
  container.spec().process->user.uid = 1000;
  auto& caps = *container.spec().process->capabilities;
  caps.inheritable = caps.ambient = {"CAP_KILL"};
  EXPECT_EQ(JsonMember(container.Probe({"identity"}), "identity")["CapEff"], "0000000000000020");
}

TEST(Init, ReadOnlyRootIsRespected) {
  TestContainer container;
  container.spec().root_readonly = true;
  const Outcome outcome = container.RunShell("touch /x || touch /dev/shm/y && echo done");
  EXPECT_TRUE(Holds(outcome, "Read-only file system")) << outcome.error;
  EXPECT_TRUE(Holds(outcome, "done"));
}

TEST(Init, TerminalIsItsConsole) {
  TestContainer container;
  container.spec().process->terminal = true;
  container.spec().process->console_width = 91;
  container.spec().process->console_height = 17;
  const Outcome outcome = container.RunShell(
      "test -t 0 && test -t 1 && test -t 2 && test -c /dev/console && "
      "echo yes > /dev/tty; sleep 0.1");
  EXPECT_TRUE(Holds(outcome, "yes")) << outcome.out << outcome.error;
}

TEST(Init, HooksRunInTheirOrderWithTheStateOnStdin) {
  TestContainer container;
  const std::string log = container.directory() + "/log";
  const auto hook = [&](const std::string& name) {
    return spec::Hook{
        .path = "/bin/sh",
        .args = {"sh", "-c", "echo " + name + " $(grep -c '\"pid\"') $SECRET >> " + log},
        .env = {"PATH=/bin:/usr/bin"}};
  };
  setenv("SECRET", "leaked", 1);
  container.spec().hooks.prestart = {hook("prestart")};
  container.spec().hooks.create_runtime = {hook("createRuntime")};
  container.spec().hooks.create_container = {hook("createContainer")};
  const Outcome outcome = container.RunShell("true");
  unsetenv("SECRET");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_EQ(ReadFile(log).value_or(""), "prestart 1\ncreateRuntime 1\ncreateContainer 1\n");
}

TEST(Init, AFailingHookStopsTheCreate) {
  TestContainer container;
  container.spec().hooks.create_runtime = {
      {.path = "/bin/sh", .args = {"sh", "-c", "echo no luck >&2; exit 3"}}};
  const Outcome outcome = container.RunShell("true");
  EXPECT_TRUE(Holds(outcome, "hook /bin/sh ended with 3: no luck")) << outcome.error;
}

TEST(Init, JoinsTheNamespacesOfAnother) {
  TestContainer first;
  ASSERT_THAT(first.StartSleep(), IsOk());
  const std::string proc = "/proc/" + std::to_string(first.init().pid) + "/ns/";
  TestContainer second;
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd net, Open(proc + "net", O_RDONLY));
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd pid, Open(proc + "pid", O_RDONLY));
  second.options().namespaces = {{"network", net.get()}, {"pid", pid.get()}};
  const Json probe = second.Probe({"identity", "namespaces"});
  struct stat st {};
  ASSERT_EQ(fstat(net.get(), &st), 0);
  EXPECT_EQ(JsonMember(probe, "namespaces")["net"], st.st_ino);
  EXPECT_GT(JsonMember(probe, "identity")["pid"], 1);
  // And we are where we were.
  EXPECT_NE(std::filesystem::read_symlink("/proc/self/ns/pid_for_children"),
            std::filesystem::read_symlink(proc + "pid"));
}

TEST(Init, IsInItsCgroupFromTheFirstInstruction) {
  TestContainer container;
  std::erase_if(container.spec().linux_.namespaces,
                [](const spec::Namespace& space) { return space.type == "cgroup"; });
  const Outcome outcome = container.RunShell("grep -v name= /proc/self/cgroup");
  for (std::string_view line : {"memory:", "pids:", "0::"}) {
    EXPECT_TRUE(Holds(outcome, std::string(line) + container.cgroup().path())) << outcome.out;
  }
}

TEST(Init, ASessionKeyringOfItsOwn) {
  TestContainer container;
  const Json one = container.Probe({"identity"});
  const Json two = container.Probe({"identity"});
  EXPECT_NE(one["identity"]["sessionKeyring"], two["identity"]["sessionKeyring"]);
}

TEST(Init, RefusesAnEmptyCommandAndAMissingMountNamespace) {
  TestContainer container;
  EXPECT_TRUE(Holds(container.Run({}), "process.args is empty"));
  container.spec().linux_.namespaces.clear();
  EXPECT_TRUE(Holds(container.RunShell("true"), "mount namespace"));
}

}  // namespace
}  // namespace onggi
