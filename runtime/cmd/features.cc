#include <cstdio>

#include "base/json.h"
#include "runtime/cmd/command.h"
#include "runtime/kernel/capabilities.h"

namespace onggi {
namespace {

OrderedJson SeccompFeatures() {
  OrderedJson seccomp;
  seccomp["enabled"] = true;
  seccomp["actions"] = {"SCMP_ACT_ALLOW",        "SCMP_ACT_ERRNO",       "SCMP_ACT_KILL",
                        "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
                        "SCMP_ACT_TRACE",        "SCMP_ACT_TRAP"};
  seccomp["operators"] = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
                          "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
  seccomp["archs"] = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",   "SCMP_ARCH_PPC64LE",
                      "SCMP_ARCH_RISCV64", "SCMP_ARCH_S390",  "SCMP_ARCH_S390X",
                      "SCMP_ARCH_X86",     "SCMP_ARCH_X86_64"};
  seccomp["knownFlags"] = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                           "SECCOMP_FILTER_FLAG_LOG"};
  seccomp["supportedFlags"] = seccomp["knownFlags"];
  return seccomp;
}

OrderedJson LinuxFeatures() {
  OrderedJson json;
  json["namespaces"] = {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
  json["capabilities"] = CapabilityNames();
  json["cgroup"] = OrderedJson{
      {"v1", true}, {"v2", true}, {"systemd", false}, {"systemdUser", false}, {"rdma", false}};
  json["seccomp"] = SeccompFeatures();
  json["apparmor"] = OrderedJson{{"enabled", true}};
  json["selinux"] = OrderedJson{{"enabled", true}};
  json["intelRdt"] = OrderedJson{{"enabled", false}};
  json["mountExtensions"] = OrderedJson{{"idmap", OrderedJson{{"enabled", true}}}};
  return json;
}

}  // namespace

Result<int> FeaturesCommand(const GlobalOptions&, Words) {
  OrderedJson json;
  json["ociVersionMin"] = "1.0.0";
  json["ociVersionMax"] = "1.2.0";
  json["hooks"] = {"prestart",       "createRuntime", "createContainer",
                   "startContainer", "poststart",     "poststop"};
  json["mountOptions"] = {"atime",      "bind",      "defaults",    "dev",
                          "diratime",   "dirsync",   "exec",        "idmap",
                          "noatime",    "nodev",     "nodiratime",  "noexec",
                          "norelatime", "nosuid",    "nosymfollow", "nostrictatime",
                          "private",    "ratime",    "rbind",       "rdev",
                          "relatime",   "rexec",     "ridmap",      "rnoatime",
                          "rnodev",     "rnoexec",   "rnosuid",     "ro",
                          "rprivate",   "rro",       "rrw",         "rshared",
                          "rslave",     "rsuid",     "runbindable", "rw",
                          "shared",     "slave",     "strictatime", "suid",
                          "sync",       "tmpcopyup", "unbindable"};
  json["linux"] = LinuxFeatures();
  (void)printf("%s\n", DumpJson(json, 2).c_str());
  return 0;
}

}  // namespace onggi
