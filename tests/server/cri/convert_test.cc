#include <gtest/gtest.h>

#include <csignal>

#include "server/cri/convert_container.h"
#include "server/cri/convert_image.h"
#include "server/cri/convert_pod.h"
#include "server/cri/convert_stats.h"
#include "server/cri/exec_output.h"
#include "server/cri/signal.h"

namespace onggi {
namespace {

template <typename T>
std::string ErrorOf(const Result<T>& result) {
  return result ? "accepted" : result.error().message();
}

TEST(Signals, EveryNumberOfTheCriHasOneOfLinux) {
  for (int number = 0; number <= 65; ++number) {
    auto cri_number = static_cast<cri::Signal>(number);
    auto linux_number = SignalFromCri(cri_number);
    ASSERT_TRUE(linux_number.has_value()) << number;
    EXPECT_EQ(number == 0, *linux_number == 0) << number;
    // Back and forth is the same signal, even where two names are one.
    EXPECT_EQ(SignalFromCri(SignalToCri(*linux_number)).value_or(-1), *linux_number) << number;
  }
  EXPECT_EQ(SignalFromCri(cri::SIGNAL_SIGTERM).value_or(-1), SIGTERM);
  EXPECT_EQ(SignalFromCri(cri::SIGNAL_SIGQUIT).value_or(-1), SIGQUIT);
  EXPECT_EQ(SignalFromCri(cri::SIGNAL_SIGRTMINPLUS3).value_or(-1), 37);
  EXPECT_EQ(SignalFromCri(cri::SIGNAL_SIGRTMAX).value_or(-1), 64);
  EXPECT_EQ(SignalToCri(SIGWINCH), cri::SIGNAL_SIGWINCH);
  EXPECT_FALSE(SignalFromCri(static_cast<cri::Signal>(66)).has_value());
}

TEST(PodConfig, KeepsEveryFieldThatTheEngineKnows) {
  cri::PodSandboxConfig from;
  from.mutable_metadata()->set_name("n");
  from.mutable_metadata()->set_uid("u");
  from.mutable_metadata()->set_namespace_("ns");
  from.mutable_metadata()->set_attempt(2);
  from.set_hostname("h");
  from.set_log_directory("/l");
  from.mutable_dns_config()->add_servers("1.1.1.1");
  cri::PortMapping* port = from.add_port_mappings();
  port->set_protocol(cri::UDP);
  port->set_container_port(53);
  port->set_host_port(5353);
  port->set_host_ip("::1");
  (*from.mutable_labels())["a"] = "b";
  (*from.mutable_annotations())["c"] = "d";
  from.mutable_linux()->set_cgroup_parent("/kubepods/x");
  (*from.mutable_linux()->mutable_sysctls())["net.core.somaxconn"] = "1";
  auto* security = from.mutable_linux()->mutable_security_context();
  security->mutable_namespace_options()->set_pid(cri::CONTAINER);
  security->mutable_namespace_options()->set_network(cri::NODE);
  security->mutable_run_as_user()->set_value(7);
  security->set_privileged(true);
  auto to = PodConfigFromCri(from, "crun");
  ASSERT_TRUE(to.has_value()) << to.error().message();
  EXPECT_EQ(to->metadata.name_space, "ns");
  EXPECT_EQ(to->metadata.attempt, 2u);
  ASSERT_TRUE(to->dns.has_value());
  EXPECT_EQ(to->dns->servers, std::vector<std::string>{"1.1.1.1"});
  ASSERT_EQ(to->port_mappings.size(), 1u);
  EXPECT_EQ(to->port_mappings[0].protocol, PortMapping::Protocol::kUdp);
  EXPECT_EQ(to->port_mappings[0].host_port, 5353);
  EXPECT_EQ(to->labels.at("a"), "b");
  EXPECT_EQ(to->annotations.at("c"), "d");
  EXPECT_EQ(to->cgroup_parent, "/kubepods/x");
  EXPECT_EQ(to->sysctls.at("net.core.somaxconn"), "1");
  EXPECT_EQ(to->namespaces.pid, NamespaceMode::kContainer);
  EXPECT_EQ(to->namespaces.network, NamespaceMode::kNode);
  EXPECT_EQ(to->namespaces.ipc, NamespaceMode::kPod);
  EXPECT_EQ(to->run_as_user, 7);
  EXPECT_TRUE(to->privileged);
  EXPECT_EQ(to->runtime_handler, "crun");
}

TEST(PodConfig, AnAbsentDnsConfigIsNotAnEmptyOne) {
  cri::PodSandboxConfig from;
  EXPECT_FALSE(PodConfigFromCri(from, "")->dns.has_value());
  from.mutable_dns_config();
  EXPECT_TRUE(PodConfigFromCri(from, "")->dns.has_value());
}

TEST(PodConfig, RefusesWhatDoesNotFit) {
  cri::PodSandboxConfig from;
  from.add_port_mappings()->set_host_port(65536);
  EXPECT_EQ(ErrorOf(PodConfigFromCri(from, "")),
            "port_mappings.host_port: expected 0 to 65535, found 65536");
  from.mutable_port_mappings(0)->set_host_port(-1);
  EXPECT_NE(ErrorOf(PodConfigFromCri(from, "")), "accepted");
  from.clear_port_mappings();
  from.add_port_mappings()->set_protocol(static_cast<cri::Protocol>(9));
  EXPECT_EQ(ErrorOf(PodConfigFromCri(from, "")), "port_mappings.protocol: unknown number 9");
  from.clear_port_mappings();
  from.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_ipc(
      static_cast<cri::NamespaceMode>(9));
  EXPECT_EQ(ErrorOf(PodConfigFromCri(from, "")), "namespace_options.ipc: unknown mode 9");
}

TEST(PodStatus, TellsAddressesAndNamespaces) {
  PodStatus from;
  from.id = "p";
  from.state = PodState::kReady;
  from.created_at_ns = 5;
  from.ips = {"10.0.0.2", "fd00::2"};
  from.config.namespaces.pid = NamespaceMode::kContainer;
  from.config.namespaces.user = UserNamespace{NamespaceMode::kPod, {{0, 100000, 65536}}, {}};
  cri::PodSandboxStatus to;
  PodStatusToCri(from, &to);
  EXPECT_EQ(to.state(), cri::SANDBOX_READY);
  EXPECT_EQ(to.created_at(), 5);
  EXPECT_EQ(to.network().ip(), "10.0.0.2");
  ASSERT_EQ(to.network().additional_ips_size(), 1);
  EXPECT_EQ(to.network().additional_ips(0).ip(), "fd00::2");
  const auto& options = to.linux().namespaces().options();
  EXPECT_EQ(options.pid(), cri::CONTAINER);
  EXPECT_EQ(options.userns_options().uids(0).host_id(), 100000u);
  EXPECT_EQ(options.userns_options().uids(0).length(), 65536u);
}

struct ProfileCase {
  bool has_message;
  cri::SecurityProfile::ProfileType type;
  const char* text;
  std::optional<SecurityProfile::Type> expected;
  const char* localhost;
};

TEST(Profile, TheMessageWinsOverTheOldText) {
  using Type = SecurityProfile::Type;
  const ProfileCase kCases[] = {
      {false, cri::SecurityProfile::RuntimeDefault, "", std::nullopt, ""},
      {true, cri::SecurityProfile::RuntimeDefault, "unconfined", Type::kRuntimeDefault, ""},
      {true, cri::SecurityProfile::Unconfined, "runtime/default", Type::kUnconfined, ""},
      {true, cri::SecurityProfile::Localhost, "", Type::kLocalhost, "/p.json"},
      {false, {}, "runtime/default", Type::kRuntimeDefault, ""},
      {false, {}, "docker/default", Type::kRuntimeDefault, ""},
      {false, {}, "unconfined", Type::kUnconfined, ""},
      {false, {}, "localhost//p.json", Type::kLocalhost, "/p.json"},
  };
  for (const ProfileCase& row : kCases) {
    cri::SecurityProfile profile;
    profile.set_profile_type(row.type);
    if (row.has_message) profile.set_localhost_ref(row.localhost);
    auto found = ProfileFromCri("seccomp", row.has_message ? &profile : nullptr, row.text);
    ASSERT_TRUE(found.has_value()) << row.text;
    ASSERT_EQ(found->has_value(), row.expected.has_value()) << row.text;
    if (!row.expected) continue;
    EXPECT_EQ((*found)->type, *row.expected) << row.text;
    EXPECT_EQ((*found)->localhost_ref, row.localhost) << row.text;
  }
  EXPECT_EQ(ErrorOf(ProfileFromCri("seccomp", nullptr, "maybe")),
            "seccomp: expected runtime/default, unconfined or localhost/NAME, found 'maybe'");
  cri::SecurityProfile odd;
  odd.set_profile_type(static_cast<cri::SecurityProfile::ProfileType>(9));
  EXPECT_EQ(ErrorOf(ProfileFromCri("apparmor", &odd, "")), "apparmor: unknown profile_type 9");
}

TEST(ContainerConfig, KeepsBytesOfEnvironmentAndEveryMountField) {
  cri::ContainerConfig from;
  auto* env = from.add_envs();
  env->set_key("K");
  env->set_value(std::string("\xff\x00z", 3));
  auto* mount = from.add_mounts();
  mount->set_container_path("/c");
  mount->set_host_path("/h");
  mount->set_readonly(true);
  mount->set_recursive_read_only(true);
  mount->set_propagation(cri::PROPAGATION_HOST_TO_CONTAINER);
  mount->add_mount_options("noexec");
  auto* mapping = mount->add_uidmappings();
  mapping->set_host_id(1);
  mapping->set_container_id(2);
  mapping->set_length(3);
  from.set_stop_signal(cri::SIGNAL_SIGUSR1);
  from.mutable_linux()->mutable_resources()->set_memory_limit_in_bytes(1 << 20);
  from.mutable_linux()->mutable_security_context()->set_supplemental_groups_policy(cri::Strict);
  auto to = ContainerConfigFromCri(from);
  ASSERT_TRUE(to.has_value()) << to.error().message();
  EXPECT_EQ(to->envs[0].second, std::string("\xff\x00z", 3));
  EXPECT_EQ(to->stop_signal, SIGUSR1);
  EXPECT_EQ(to->resources.memory_limit_bytes, 1 << 20);
  EXPECT_EQ(to->security.groups_policy, SupplementalGroupsPolicy::kStrict);
  EXPECT_FALSE(to->security.seccomp.has_value());

  ContainerStatus status;
  status.config = *to;
  cri::ContainerStatus back;
  ContainerStatusToCri(status, &back);
  ASSERT_EQ(back.mounts_size(), 1);
  EXPECT_EQ(back.mounts(0).SerializeAsString(), mount->SerializeAsString());
  EXPECT_EQ(back.resources().linux().memory_limit_in_bytes(), 1 << 20);
}

TEST(ContainerConfig, RefusesUnknownEnumValues) {
  cri::ContainerConfig from;
  from.add_mounts()->set_propagation(static_cast<cri::MountPropagation>(7));
  EXPECT_NE(ErrorOf(ContainerConfigFromCri(from)).find("mounts.propagation"), std::string::npos);
  from.clear_mounts();
  from.set_stop_signal(static_cast<cri::Signal>(99));
  EXPECT_NE(ErrorOf(ContainerConfigFromCri(from)).find("stop_signal"), std::string::npos);
}

TEST(ContainerStatus, IdentifiersAreOneRule) {
  ContainerStatus from;
  from.image_id = "sha256:aa";
  from.image_ref = "repo@sha256:bb";
  from.config.image.image = "sha256:aa";
  from.config.image.user_specified_image = "repo:tag";
  from.stop_signal = SIGQUIT;
  from.user.uid = 5;
  cri::ContainerStatus status;
  ContainerStatusToCri(from, &status);
  EXPECT_EQ(status.image_id(), "sha256:aa");
  EXPECT_EQ(status.image_ref(), "repo@sha256:bb");
  EXPECT_EQ(status.image().image(), "repo:tag");
  EXPECT_EQ(status.stop_signal(), cri::SIGNAL_SIGQUIT);
  EXPECT_EQ(status.user().linux().uid(), 5);
  cri::Container listed;
  ContainerToCri(from, &listed);
  EXPECT_EQ(listed.image_id(), "sha256:aa");
  EXPECT_EQ(listed.image_ref(), "sha256:aa");
}

TEST(ImageUser, IsANumberOrAName) {
  struct Case {
    const char* user;
    std::optional<int64_t> uid;
    const char* name;
  };
  for (const Case& row : {Case{"", std::nullopt, ""}, Case{"0", 0, ""}, Case{"1000", 1000, ""},
                          Case{"1000:web", 1000, ""}, Case{"web", std::nullopt, "web"},
                          Case{"web:33", std::nullopt, "web"},
                          Case{"99999999999999999999", std::nullopt, "99999999999999999999"}}) {
    cri::Image image;
    ImageUserToCri(row.user, &image);
    EXPECT_EQ(image.has_uid(), row.uid.has_value()) << row.user;
    EXPECT_EQ(image.uid().value(), row.uid.value_or(0)) << row.user;
    EXPECT_EQ(image.username(), row.name) << row.user;
  }
}

TEST(MemoryStats, AvailableIsOnlyToldWithALimit) {
  ContainerStats from;
  from.memory.working_set_bytes = 70;
  cri::ContainerStats to;
  ContainerStatsToCri(from, &to);
  EXPECT_FALSE(to.memory().has_available_bytes());
  from.memory.limit_bytes = 100;
  to.Clear();
  ContainerStatsToCri(from, &to);
  EXPECT_EQ(to.memory().available_bytes().value(), 30u);
  from.memory.working_set_bytes = 150;
  to.Clear();
  ContainerStatsToCri(from, &to);
  EXPECT_EQ(to.memory().available_bytes().value(), 0u);
}

TEST(PodStats, TheFirstInterfaceIsTheDefault) {
  PodStats from;
  from.interfaces = {{"eth0", 1, 0, 0, 0, 2, 0, 0, 0}, {"net1", 3, 0, 0, 0, 4, 0, 0, 0}};
  cri::PodSandboxStats to;
  PodStatsToCri(from, &to);
  EXPECT_EQ(to.linux().network().default_interface().name(), "eth0");
  EXPECT_EQ(to.linux().network().default_interface().tx_bytes().value(), 2u);
  ASSERT_EQ(to.linux().network().interfaces_size(), 1);
  EXPECT_EQ(to.linux().network().interfaces(0).name(), "net1");
}

TEST(CutToMessage, BothStreamsFitAndNoneStarves) {
  struct Case {
    size_t out, err;
  };
  constexpr size_t kMax = kMaxExecOutput;
  for (Case row : {Case{0, 0}, Case{kMax, 0}, Case{kMax + 5, 0}, Case{kMax, kMax},
                   Case{kMax + 9, 100}, Case{100, kMax + 9}, Case{kMax / 2, kMax}}) {
    ExecOutput output;
    output.out.assign(row.out, 'o');
    output.err.assign(row.err, 'e');
    CutToMessage(output);
    EXPECT_LE(output.out.size() + output.err.size(), kMax);
    EXPECT_GE(output.out.size(), std::min(row.out, kMax / 2));
    EXPECT_GE(output.err.size(), std::min(row.err, kMax / 2));
    EXPECT_EQ(output.out.size() + output.err.size(), std::min(row.out + row.err, kMax));
  }
}

}  // namespace
}  // namespace onggi
