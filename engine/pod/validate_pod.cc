#include "engine/pod/validate_pod.h"

#include <tuple>

#include "base/strings.h"
#include "engine/pod/sysctl_rules.h"
#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

std::string ModeName(NamespaceMode mode) {
  static constexpr const char* kNames[] = {"POD", "CONTAINER", "NODE", "TARGET"};
  auto at = static_cast<size_t>(mode);
  return at < 4 ? kNames[at] : std::to_string(at);
}

Result<> CheckMetadata(const PodConfig& c) {
  if (c.metadata.name.empty()) return BadField("metadata.name", "", "a name is needed");
  for (const auto& [field, value] :
       {std::pair<const char*, const std::string&>("name", c.metadata.name),
        {"namespace", c.metadata.name_space},
        {"uid", c.metadata.uid}}) {
    if (HasControlBytes(value) || value.size() > 1024) {
      return BadField(std::string("metadata.") + field, value.substr(0, 64),
                      "at most 1024 characters, none of them control characters");
    }
  }
  return Ok();
}

Result<> CheckNames(const PodConfig& c) {
  if (!c.hostname.empty() && !IsHostname(c.hostname)) {
    return BadField("hostname", c.hostname, "a host name of at most 64 letters, digits, '-', '.'");
  }
  if (!c.log_directory.empty() && !IsCleanAbsolutePath(c.log_directory)) {
    return BadField("log_directory", c.log_directory, "an absolute path without '..'");
  }
  for (const std::string& entry : c.extra_hosts) {
    size_t colon = entry.find(':');
    if (colon == std::string::npos || !IsHostname(entry.substr(0, colon)) ||
        !IsIpAddress(entry.substr(colon + 1))) {
      return BadField("extra_hosts", entry, "NAME:ADDRESS");
    }
  }
  for (const std::string& alias : c.network_aliases) {
    if (!IsHostname(alias)) return BadField("network_aliases", alias, "a host name");
  }
  return Ok();
}

Result<> CheckDns(const DnsConfig& dns) {
  for (const std::string& server : dns.servers) {
    // A zone ("fe80::1%eth0") is part of an address in resolv.conf(5).
    if (!IsIpAddress(server.substr(0, server.find('%'))) || HasControlBytes(server)) {
      return BadField("dns_config.servers", server, "an IP address");
    }
  }
  for (const std::string& search : dns.searches) {
    if (search.empty() || HasControlBytes(search) || search.find(' ') != std::string::npos) {
      return BadField("dns_config.searches", search, "a domain without blanks");
    }
  }
  for (const std::string& option : dns.options) {
    if (option.empty() || HasControlBytes(option) || option.find(' ') != std::string::npos) {
      return BadField("dns_config.options", option, "an option without blanks");
    }
  }
  return Ok();
}

Result<> CheckPorts(const std::vector<PortMapping>& ports) {
  std::set<std::tuple<int, uint16_t, std::string>> taken;
  for (const PortMapping& port : ports) {
    if (port.protocol > PortMapping::Protocol::kSctp) {
      return BadField("port_mappings.protocol", std::to_string(static_cast<int>(port.protocol)),
                      "TCP, UDP or SCTP");
    }
    if (port.host_port == 0) continue;  // asks for nothing
    if (port.container_port == 0) {
      return BadField("port_mappings.container_port", "0", "1 to 65535");
    }
    if (!port.host_ip.empty() && !IsIpAddress(port.host_ip)) {
      return BadField("port_mappings.host_ip", port.host_ip, "an IPv4 or IPv6 address");
    }
    if (!taken.emplace(static_cast<int>(port.protocol), port.host_port, port.host_ip).second) {
      return BadField("port_mappings.host_port", std::to_string(port.host_port),
                      "each host port once per protocol and address");
    }
  }
  return Ok();
}

Result<> CheckNamespaces(const NamespaceOptions& ns) {
  const std::string field = "linux.security_context.namespace_options.";
  if (ns.network != NamespaceMode::kPod && ns.network != NamespaceMode::kNode) {
    return BadField(field + "network", ModeName(ns.network), "POD or NODE");
  }
  if (ns.ipc != NamespaceMode::kPod && ns.ipc != NamespaceMode::kNode) {
    return BadField(field + "ipc", ModeName(ns.ipc), "POD or NODE");
  }
  if (ns.pid != NamespaceMode::kPod && ns.pid != NamespaceMode::kContainer &&
      ns.pid != NamespaceMode::kNode) {
    return BadField(field + "pid", ModeName(ns.pid), "POD, CONTAINER or NODE");
  }
  if (ns.user) TRY(CheckUserNamespace(field + "userns_options", *ns.user));
  if (ns.user && ns.user->mode == NamespaceMode::kPod && ns.pid == NamespaceMode::kNode) {
    return BadField(field + "pid", "NODE", "POD or CONTAINER in a pod with a user namespace");
  }
  if (ns.user && ns.user->mode == NamespaceMode::kPod && ns.ipc == NamespaceMode::kNode) {
    return BadField(field + "ipc", "NODE", "POD in a pod with a user namespace");
  }
  return Ok();
}

Result<> CheckCgroupParent(const std::string& parent, bool systemd) {
  if (parent.empty()) return Ok();
  if (!IsCleanAbsolutePath(parent.front() == '/' ? parent : "/" + parent) ||
      HasControlBytes(parent)) {
    return BadField("linux.cgroup_parent", parent, "a path without '..'");
  }
  bool slice = parent.size() > 6 && parent.compare(parent.size() - 6, 6, ".slice") == 0;
  if (systemd && !slice) {
    return BadField("linux.cgroup_parent", parent,
                    "NAME.slice, because the cgroup driver is systemd");
  }
  if (!systemd && slice && parent.find('/') == std::string::npos) {
    return BadField("linux.cgroup_parent", parent,
                    "a path such as /kubepods/pod1, because the cgroup driver is cgroupfs");
  }
  return Ok();
}

Result<> CheckIds(const PodConfig& c) {
  const std::string field = "linux.security_context.";
  if (c.run_as_group && !c.run_as_user) {
    return BadField(field + "run_as_group", std::to_string(*c.run_as_group),
                    "only together with run_as_user");
  }
  for (const auto& id : {c.run_as_user, c.run_as_group}) {
    if (id && (*id < 0 || *id > INT32_MAX)) {
      return BadField(field + "run_as_user", std::to_string(*id), "0 to 2147483647");
    }
  }
  for (int64_t group : c.supplemental_groups) {
    if (group < 0 || group > INT32_MAX) {
      return BadField(field + "supplemental_groups", std::to_string(group), "0 to 2147483647");
    }
  }
  return Ok();
}

}  // namespace

Result<> ValidatePod(const PodConfig& config, const std::set<std::string>& handlers, bool systemd) {
  TRY(CheckMetadata(config));
  TRY(CheckNames(config));
  if (config.dns) TRY(CheckDns(*config.dns));
  TRY(CheckPorts(config.port_mappings));
  TRY(CheckNamespaces(config.namespaces));
  TRY(CheckSysctls(config.sysctls, config.namespaces));
  TRY(CheckCgroupParent(config.cgroup_parent, systemd));
  TRY(CheckIds(config));
  TRY(CheckResources("linux.overhead", config.overhead));
  TRY(CheckResources("linux.resources", config.resources));
  if (config.shm_size_bytes <= 0) {
    return BadField("shm_size", std::to_string(config.shm_size_bytes), "a positive number");
  }
  if (!config.runtime_handler.empty() && handlers.count(config.runtime_handler) == 0) {
    std::string known = "\"\"";
    for (const std::string& name : handlers) {
      if (!name.empty()) known += ", " + name;
    }
    return BadField("runtime_handler", config.runtime_handler, "one of " + known);
  }
  return Ok();
}

}  // namespace onggi
