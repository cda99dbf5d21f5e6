#include "runtime/spec/parse.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace onggi::spec {
namespace {

using ::onggi::testing::FailsWith;

constexpr const char* kFull = R"({
  "ociVersion": "1.0.2", "hostname": "h", "domainname": "d",
  "root": {"path": "rootfs", "readonly": true},
  "onggi.rootfs": {"lower": ["/b", "/a"], "upper": "/u", "work": "/w"},
  "process": {
    "terminal": true, "consoleSize": {"width": 80, "height": 25},
    "user": {"uid": 1000, "gid": 4294967294, "umask": 18, "additionalGids": [1, 2]},
    "args": ["sh", "-c", "x"], "env": ["A=b"], "cwd": "/w",
    "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"],
                     "inheritable": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"]},
    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1, "hard": 18446744073709551615}],
    "noNewPrivileges": true, "apparmorProfile": "a", "selinuxLabel": "s", "oomScoreAdj": -10},
  "mounts": [{"destination": "/m", "type": "bind", "source": "/s", "options": ["rbind", "ro"],
              "uidMappings": [{"containerID": 0, "hostID": 1, "size": 2}]}],
  "hooks": {"prestart": [{"path": "/h", "args": ["h"], "env": ["E=1"], "timeout": 3}],
            "poststop": [{"path": "/p"}]},
  "annotations": {"k": "v"},
  "linux": {
    "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
    "sysctl": {"net.ipv4.ip_forward": "1"}, "cgroupsPath": "/a/b",
    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/n"}],
    "devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 2, "fileMode": 438, "uid": 5}],
    "resources": {
      "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1,
                   "minor": 3, "access": "r"}],
      "memory": {"limit": -1, "reservation": 2, "swap": 3, "disableOOMKiller": true},
      "cpu": {"shares": 1, "quota": -1, "period": 3, "cpus": "0-1", "mems": "0", "idle": 1},
      "pids": {"limit": 9}, "blockIO": {"weight": 100},
      "hugepageLimits": [{"pageSize": "2MB", "limit": 0}], "unified": {"memory.high": "1"}},
    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
                "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
                "syscalls": [{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "errnoRet": 1,
                  "args": [{"index": 0, "value": 18446744073709551615, "valueTwo": 2,
                            "op": "SCMP_CMP_MASKED_EQ"}]}]},
    "rootfsPropagation": "rslave", "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
    "mountLabel": "l", "personality": {"domain": "LINUX32"}}})";

TEST(ParseSpec, KeepsEverythingThatSpecHolds) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const Spec spec, ParseSpec(kFull));
  EXPECT_EQ(spec.process->user.gid, 4294967294U);
  EXPECT_EQ(spec.process->rlimits[0].hard, UINT64_MAX);
  EXPECT_EQ(spec.linux_.seccomp->syscalls[0].args[0].value, UINT64_MAX);
  EXPECT_EQ(spec.rootfs->lower, (std::vector<std::string>{"/b", "/a"}));
  EXPECT_EQ(spec.linux_.resources.memory_limit, -1);
  EXPECT_EQ(*spec.hooks.prestart[0].timeout_s, 3);
  const std::string once = FormatSpec(spec);
  ONGGI_ASSERT_OK_AND_ASSIGN(const Spec again, ParseSpec(once));
  EXPECT_EQ(FormatSpec(again), once);
  // Nothing of the input is lost: each of its values is in the output.
  for (const char* value :
       {"\"LINUX32\"", "\"RLIMIT_NOFILE\"", "18446744073709551615", "\"rslave\"", "\"memory.high\"",
        "\"2MB\"", "\"CAP_CHOWN\"", "\"/dev/x\"", "\"consoleSize\"", "\"apparmorProfile\"",
        "\"mountLabel\""}) {
    EXPECT_NE(once.find(value), std::string::npos) << value;
  }
}

TEST(ParseSpec, LeavesAbsentMembersAbsent) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const Spec spec, ParseSpec(R"({"ociVersion":"1.0.0","new":[1]})"));
  EXPECT_FALSE(spec.process);
  EXPECT_FALSE(spec.linux_.resources.memory_limit);
  EXPECT_FALSE(spec.linux_.seccomp);
}

struct BadCase {
  const char* json;
  const char* names;
};
class ParseSpecRefuses : public ::testing::TestWithParam<BadCase> {};

TEST_P(ParseSpecRefuses, NamingTheMember) {
  const Result<Spec> spec = ParseSpec(GetParam().json);
  ASSERT_THAT(spec, FailsWith(Code::kInvalidArgument));
  EXPECT_NE(spec.error().message().find(GetParam().names), std::string::npos)
      << spec.error().message();
}

INSTANTIATE_TEST_SUITE_P(
    Members, ParseSpecRefuses,
    ::testing::Values(
        BadCase{"{}", "ociVersion"}, BadCase{"[]", "object"},
        BadCase{R"({"ociVersion":"1","process":{"user":{"uid":-1}}})", "uid"},
        BadCase{R"({"ociVersion":"1","process":{"user":{"uid":4294967296}}})", "uid"},
        BadCase{R"({"ociVersion":"1","process":{"user":{"additionalGids":["x"]}}})",
                "additionalGids"},
        BadCase{R"({"ociVersion":"1","process":{"args":["a\u0000b"]}})", "NUL"},
        BadCase{R"({"ociVersion":"1","process":{"terminal":"yes"}})", "terminal"},
        BadCase{R"({"ociVersion":"1","mounts":[{"type":"proc"}]})", "destination"},
        BadCase{R"({"ociVersion":"1","mounts":[7]})", "mounts"},
        BadCase{R"({"ociVersion":"1","hooks":{"prestart":[{"path":"x"}]}})", "absolute"},
        BadCase{R"({"ociVersion":"1","linux":{"namespaces":[{"type":"moon"}]}})", "moon"},
        BadCase{R"({"ociVersion":"1","linux":{"rootfsPropagation":"x"}})", "rootfsPropagation"},
        BadCase{R"({"ociVersion":"1","linux":{"seccomp":{"defaultAction":"SCMP_ACT_X"}}})",
                "SCMP_ACT_X"},
        BadCase{R"({"ociVersion":"1","linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW",
          "syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":6,"op":"SCMP_CMP_EQ"}]}]}}})",
                "index"},
        BadCase{R"({"ociVersion":"1","linux":{"resources":{"devices":[{"access":"rwx"}]}}})",
                "rwx"},
        BadCase{R"({"ociVersion":"1","linux":{"resources":{"blockIO":{"weight":70000}}}})",
                "weight"}));

TEST(ParseProcess, ReadsAloneWhatExecTakes) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const Process process,
                             ParseProcess(R"({"args":["ls"],"user":{"uid":7}})"));
  EXPECT_EQ(process.user.uid, 7U);
  EXPECT_EQ(process.cwd, "/");
  ONGGI_ASSERT_OK_AND_ASSIGN(const Process again, ParseProcess(FormatProcess(process)));
  EXPECT_EQ(again.args, process.args);
}

TEST(ParseResources, RoundTrips) {
  ONGGI_ASSERT_OK_AND_ASSIGN(
      const Resources resources,
      ParseResources(R"({"memory":{"limit":5},"unified":{"cpu.max":"max"}})"));
  EXPECT_EQ(*resources.memory_limit, 5);
  EXPECT_EQ(FormatResources(resources), R"({"memory":{"limit":5},"unified":{"cpu.max":"max"}})");
}

TEST(ParseSeccomp, RefusesWhatIsNoProfile) {
  EXPECT_THAT(ParseSeccomp("[]"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(ParseSeccomp("{"), FailsWith(Code::kInvalidArgument));
}

}  // namespace
}  // namespace onggi::spec
