#include <gmock/gmock.h>

#include "base/file_io.h"
#include "tests/e2e/shared_node.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ContainerTest : public SharedNode {
 protected:
  void SetUp() override {
    SharedNode::SetUp();
    pod_ = node().RunPod(node().Pod("p"));
  }
  // Runs COMMAND under CONFIG to its end; the log.
  std::string Output(cri::ContainerConfig config) {
    std::string id = node().Run(pod_, config);
    status_ = node().WaitExited(id);
    return node().Log(id);
  }
  cri::ContainerConfig Shell(const std::string& script) {
    return node().Container("c", {"sh", "-c", script});
  }
  cri::LinuxContainerSecurityContext* Security(cri::ContainerConfig& config) {
    return config.mutable_linux()->mutable_security_context();
  }

  std::string pod_;
  cri::ContainerStatus status_;
};

TEST_F(ContainerTest, ExitCodeAndReasonAreReported) {
  Output(Shell("exit 7"));
  EXPECT_EQ(status_.exit_code(), 7);
  EXPECT_EQ(status_.reason(), "Error");
  EXPECT_GT(status_.finished_at(), status_.started_at());
}

TEST_F(ContainerTest, SuccessIsCompleted) {
  Output(Shell("true"));
  EXPECT_EQ(status_.exit_code(), 0);
  EXPECT_EQ(status_.reason(), "Completed");
}

TEST_F(ContainerTest, EnvironmentAndWorkingDirectory) {
  cri::ContainerConfig config = Shell("echo $WHO; pwd; echo $HOSTNAME");
  auto* env = config.add_envs();
  env->set_key("WHO");
  env->set_value("me");
  config.set_working_dir("/made/here");
  EXPECT_EQ(Output(config), "me\n/made/here\np\n");
}

TEST_F(ContainerTest, ImageCommandIsTheDefault) {
  cri::ContainerConfig config = node().Container("c", {});
  config.add_args("-c");  // no entry point in the image: args are the whole command
  grpc::Status status = node().TryStart(node().Create(pod_, config));
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.error_message(), HasSubstr("-c"));
}

TEST_F(ContainerTest, UserGroupsAndTheirNames) {
  cri::ContainerConfig config = Shell("id -u; id -g; id -G");
  Security(config)->mutable_run_as_user()->set_value(1234);
  Security(config)->mutable_run_as_group()->set_value(2345);
  Security(config)->add_supplemental_groups(77);
  EXPECT_EQ(Output(config), "1234\n2345\n2345 77\n");
  EXPECT_EQ(status_.user().linux().uid(), 1234);
}

TEST_F(ContainerTest, AUserNameIsLookedUpInTheImage) {
  cri::ContainerConfig config = Shell("id -u");
  Security(config)->set_run_as_username("nobody");
  EXPECT_EQ(Output(config), "65534\n");
  config.mutable_metadata()->set_name("d");
  Security(config)->set_run_as_username("stranger");
  EXPECT_THAT(node().TryCreate(pod_, config).error_message(), HasSubstr("stranger"));
}

TEST_F(ContainerTest, AGroupWithoutAUserIsRefused) {
  cri::ContainerConfig config = Shell("true");
  Security(config)->mutable_run_as_group()->set_value(5);
  EXPECT_EQ(node().TryCreate(pod_, config).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ContainerTest, CapabilitiesAreAddedAndDropped) {
  cri::ContainerConfig config = Shell("grep CapEff /proc/self/status");
  Security(config)->mutable_capabilities()->add_drop_capabilities("ALL");
  Security(config)->mutable_capabilities()->add_add_capabilities("NET_ADMIN");
  EXPECT_EQ(Output(config), "CapEff:\t0000000000001000\n");
}

TEST_F(ContainerTest, AnUnknownCapabilityIsRefusedByName) {
  cri::ContainerConfig config = Shell("true");
  Security(config)->mutable_capabilities()->add_add_capabilities("FLY");
  grpc::Status status = node().TryCreate(pod_, config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("FLY"));
}

TEST_F(ContainerTest, TheDefaultProfileFiltersSystemCalls) {
  EXPECT_EQ(Output(Shell("grep '^Seccomp:' /proc/self/status; unshare -m true 2>&1 | tail -1")),
            "Seccomp:\t2\nunshare: unshare(0x20000): Operation not permitted\n");
}

TEST_F(ContainerTest, UnconfinedHasNoFilter) {
  cri::ContainerConfig config = Shell("grep '^Seccomp:' /proc/self/status");
  Security(config)->mutable_seccomp()->set_profile_type(cri::SecurityProfile::Unconfined);
  EXPECT_EQ(Output(config), "Seccomp:\t0\n");
}

TEST_F(ContainerTest, ALocalhostProfileIsApplied) {
  std::string profile = node().directory() + "/no-mkdir.json";
  ASSERT_TRUE(
      WriteFileAtomic(profile,
                      R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],
      "action":"SCMP_ACT_ERRNO","errnoRet":1}]})")
          .has_value());
  cri::ContainerConfig config = Shell("mkdir /tmp/x 2>&1; touch /tmp/y && echo fine");
  Security(config)->mutable_seccomp()->set_profile_type(cri::SecurityProfile::Localhost);
  Security(config)->mutable_seccomp()->set_localhost_ref(profile);
  EXPECT_EQ(Output(config),
            "mkdir: can't create directory '/tmp/x': Operation not permitted\nfine\n");
}

TEST_F(ContainerTest, AMissingLocalhostProfileIsAnErrorThatNamesIt) {
  cri::ContainerConfig config = Shell("true");
  Security(config)->mutable_seccomp()->set_profile_type(cri::SecurityProfile::Localhost);
  Security(config)->mutable_seccomp()->set_localhost_ref("/no/such/profile.json");
  EXPECT_THAT(node().TryCreate(pod_, config).error_message(), HasSubstr("/no/such/profile.json"));
}

TEST_F(ContainerTest, MaskedAndReadOnlyPaths) {
  cri::ContainerConfig config =
      Shell("wc -c < /proc/kcore; ls /proc/acpi | wc -l; echo x > /proc/sys/kernel/domainname");
  Security(config)->add_masked_paths("/proc/kcore");
  Security(config)->add_masked_paths("/proc/acpi");
  Security(config)->add_readonly_paths("/proc/sys");
  std::string out = Output(config);
  EXPECT_THAT(out, HasSubstr("0\n"));
  EXPECT_THAT(out, HasSubstr("Read-only file system"));
}

TEST_F(ContainerTest, NoNewPrivileges) {
  cri::ContainerConfig config = Shell("grep NoNewPrivs /proc/self/status");
  Security(config)->set_no_new_privs(true);
  EXPECT_EQ(Output(config), "NoNewPrivs:\t1\n");
}

TEST_F(ContainerTest, AReadOnlyRootTakesNoWrite) {
  cri::ContainerConfig config = Shell("touch /x 2>&1; touch /dev/shm/x && echo shm is fine");
  Security(config)->set_readonly_rootfs(true);
  EXPECT_EQ(Output(config), "touch: /x: Read-only file system\nshm is fine\n");
}

TEST_F(ContainerTest, PrivilegedHasEverything) {
  cri::PodSandboxConfig privileged = node().Pod("privileged");
  privileged.mutable_linux()->mutable_security_context()->set_privileged(true);
  std::string pod = node().RunPod(privileged);
  cri::ContainerConfig config = Shell(
      "grep '^Seccomp:' /proc/self/status; mount -t tmpfs none /tmp && echo mounts; test -c "
      "/dev/kmsg && echo kmsg; "
      "grep CapEff /proc/self/status");
  Security(config)->set_privileged(true);
  std::string id = node().Run(pod, config);
  node().WaitExited(id);
  std::string all = ReadFile("/proc/sys/kernel/cap_last_cap").value_or("40");
  EXPECT_THAT(node().Log(id), HasSubstr("Seccomp:\t0\nmounts\nkmsg\n"));
  EXPECT_THAT(node().Log(id), HasSubstr("CapEff:\t000001ffffffffff"));
}

TEST_F(ContainerTest, APrivilegedContainerNeedsAPrivilegedPod) {
  cri::ContainerConfig config = Shell("true");
  Security(config)->set_privileged(true);
  EXPECT_FALSE(node().TryCreate(pod_, config).ok());
}

TEST_F(ContainerTest, BindMountsReadWriteAndReadOnly) {
  std::string dir = node().directory() + "/volume";
  ASSERT_TRUE(MakeDirs(dir).has_value());
  ASSERT_TRUE(WriteFileAtomic(dir + "/given", "from the host\n").has_value());
  cri::ContainerConfig config =
      Shell("cat /rw/given; echo back > /rw/made; echo no > /ro/made 2>&1");
  auto* rw = config.add_mounts();
  rw->set_container_path("/rw");
  rw->set_host_path(dir);
  auto* ro = config.add_mounts();
  ro->set_container_path("/ro");
  ro->set_host_path(dir);
  ro->set_readonly(true);
  std::string out = Output(config);
  EXPECT_THAT(out, HasSubstr("from the host\n"));
  EXPECT_THAT(out, HasSubstr("Read-only file system"));
  EXPECT_EQ(ReadFile(dir + "/made").value_or(""), "back\n");
}

TEST_F(ContainerTest, AMountFollowsTheHostWhenAsked) {
  std::string dir = node().directory() + "/shared";
  ASSERT_TRUE(MakeDirs(dir).has_value());
  onggi::testing::Shell("mount -t tmpfs none " + dir + " && mount --make-shared " + dir +
                        " && mkdir " + dir + "/sub");
  cri::ContainerConfig config = node().Container("c", {"sleep", "1000"});
  auto* mount = config.add_mounts();
  mount->set_container_path("/data");
  mount->set_host_path(dir);
  mount->set_propagation(cri::PROPAGATION_HOST_TO_CONTAINER);
  std::string id = node().Run(pod_, config);
  onggi::testing::Shell("mount -t tmpfs none " + dir + "/sub && touch " + dir + "/sub/late");
  EXPECT_EQ(node().Exec(id, {"ls", "/data/sub"}).out, "late\n");
  node().Stop(id, 0);
  onggi::testing::Shell("umount " + dir + "/sub && umount " + dir);
}

TEST_F(ContainerTest, DevicesAreMadeAndAllowed) {
  cri::ContainerConfig config =
      Shell("test -c /dev/mine && head -c 3 /dev/mine | wc -c; mknod /tmp/sda b 8 0 2>&1");
  auto* device = config.add_devices();
  device->set_host_path("/dev/zero");
  device->set_container_path("/dev/mine");
  device->set_permissions("r");
  EXPECT_THAT(Output(config), HasSubstr("3\n"));
}

TEST_F(ContainerTest, ResourcesAreInTheCgroup) {
  cri::ContainerConfig config = node().Container("c", {"sleep", "1000"});
  auto* resources = config.mutable_linux()->mutable_resources();
  resources->set_memory_limit_in_bytes(64 << 20);
  resources->set_cpu_period(100000);
  resources->set_cpu_quota(50000);
  resources->set_cpu_shares(512);
  resources->set_cpuset_cpus("0");
  resources->set_oom_score_adj(500);
  std::string id = node().Run(pod_, config);
  std::string memory = node()
                           .Exec(id, {"sh", "-c",
                                      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes "
                                      "/sys/fs/cgroup/memory.max 2>/dev/null"})
                           .out;
  EXPECT_EQ(memory, "67108864\n");
  std::string cpu =
      node()
          .Exec(id, {"sh", "-c",
                     "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2>/dev/null"})
          .out;
  EXPECT_THAT(cpu, HasSubstr("50000"));
  EXPECT_EQ(node().Exec(id, {"grep", "Cpus_allowed_list", "/proc/1/status"}).out,
            "Cpus_allowed_list:\t0\n");
  EXPECT_EQ(node().Exec(id, {"cat", "/proc/1/oom_score_adj"}).out, "500\n");
}

TEST_F(ContainerTest, OutOfMemoryIsTold) {
  cri::ContainerConfig config = Shell("head -c 200m /dev/zero | tail");
  config.mutable_linux()->mutable_resources()->set_memory_limit_in_bytes(15 << 20);
  Output(config);
  EXPECT_EQ(status_.reason(), "OOMKilled");
  EXPECT_EQ(status_.exit_code(), 137);
}

TEST_F(ContainerTest, StopSendsTheSignalThenKills) {
  std::string polite =
      node().Run(pod_, Shell("trap 'echo bye; exit 5' TERM; while :; do sleep 0.05; done"));
  std::string deaf_name = "deaf";
  cri::ContainerConfig deaf = Shell("trap '' TERM; while :; do sleep 0.05; done");
  deaf.mutable_metadata()->set_name(deaf_name);
  std::string stubborn = node().Run(pod_, deaf);
  Shell("sleep 0.2");
  node().Exec(polite, {"true"});
  node().Stop(polite, 10);
  EXPECT_EQ(node().Status(polite).exit_code(), 5);
  node().Stop(stubborn, 1);
  EXPECT_EQ(node().Status(stubborn).exit_code(), 137);
}

TEST_F(ContainerTest, AStartThatFailsIsExitedWithAReason) {
  std::string id = node().Create(pod_, node().Container("c", {"/no/such/program"}));
  grpc::Status status = node().TryStart(id);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.error_message(), HasSubstr("/no/such/program"));
  cri::ContainerStatus after = node().Status(id);
  EXPECT_EQ(after.state(), cri::CONTAINER_EXITED);
  EXPECT_EQ(after.exit_code(), 128);
  EXPECT_EQ(after.reason(), "StartError");
}

TEST_F(ContainerTest, ExecSyncEndsAtItsTimeoutWithTheWholeTree) {
  std::string id = node().Run(pod_, node().Container("c", {"sleep", "1000"}));
  cri::ExecSyncRequest request;
  request.set_container_id(id);
  for (const char* word : {"sh", "-c", "setsid sleep 777 & sleep 778"}) request.add_cmd(word);
  request.set_timeout(1);
  cri::ExecSyncResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(node().runtime().ExecSync(&context, request, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(node().Exec(id, {"ps"}).out, Not(HasSubstr("sleep 77")));
}

TEST_F(ContainerTest, ExecSyncKeepsSixteenMegabytes) {
  std::string id = node().Run(pod_, node().Container("c", {"sleep", "1000"}));
  cri::ExecSyncRequest request;
  request.set_container_id(id);
  for (const char* word : {"sh", "-c", "head -c 20000000 /dev/zero; exit 4"}) request.add_cmd(word);
  cri::ExecSyncResponse response;
  grpc::ClientContext context;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  auto stub = cri::RuntimeService::NewStub(grpc::CreateCustomChannel(
      "unix:" + node().socket(), grpc::InsecureChannelCredentials(), arguments));
  ASSERT_TRUE(stub->ExecSync(&context, request, &response).ok());
  EXPECT_EQ(response.stdout().size(), size_t{16} << 20);
  EXPECT_EQ(response.exit_code(), 4);
}

TEST_F(ContainerTest, LogIsReopenedWithoutALostLine) {
  std::string id = node().Run(
      pod_, Shell("i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.005; done"));
  std::string path = node().Status(id).log_path();
  ASSERT_EQ(rename(path.c_str(), (path + ".1").c_str()), 0);
  cri::ReopenContainerLogRequest request;
  request.set_container_id(id);
  cri::ReopenContainerLogResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(node().runtime().ReopenContainerLog(&context, request, &response).ok());
  node().WaitExited(id);
  std::string lines =
      onggi::testing::Shell("cat " + path + ".1 " + path + " | cut -d' ' -f4- | uniq | wc -l");
  EXPECT_EQ(lines, "200\n");
  grpc::ClientContext again;
  EXPECT_FALSE(node().runtime().ReopenContainerLog(&again, request, &response).ok());
}

TEST_F(ContainerTest, LongLinesAreSplitAndMarked) {
  std::string id =
      node().Run(pod_, Shell("head -c 40000 /dev/zero | tr '\\0' x; echo; printf end"));
  node().WaitExited(id);
  EXPECT_EQ(node().Log(id), std::string(40000, 'x') + "\nend");
}

}  // namespace
}  // namespace onggi::testing
