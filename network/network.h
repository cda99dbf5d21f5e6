// Network: gives a pod its interfaces and takes them back. The facade of the room; two
// implementations stand behind it, chosen per plugin of a CNI conflist: real CNI plugins (child
// processes) and, for bridge, host-local, portmap and loopback, the same in-process over netlink
// and nftables.
//
// What Attach recorded is kept on disk below state_dir (the CNI result cache), so that Detach after
// a crash of the daemon or a reboot still knows what to undo.
//
// Thread-safety: all methods from any thread; different pods go on at once, calls for one pod one
// after the other. Attach, Detach, Check and CollectGarbage block (netlink, child processes).
// Status looks at the files of conf_dir (stat only) and asks CNI programs at most every 10 s; the
// built-in plugins answer from memory.
//
// When the Network is destroyed while no pod is attached, the bridges and rules that it made go
// too.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace onggi {

struct PortMapping {
  enum class Protocol { kTcp, kUdp, kSctp };
  Protocol protocol = Protocol::kTcp;
  uint16_t container_port = 0;
  uint16_t host_port = 0;  // 0: no mapping is made
  std::string host_ip;     // "", IPv4 or IPv6
};

// Limits of a pod's traffic as the CNI capability "bandwidth" takes them; 0 is unlimited.
struct Bandwidth {
  uint64_t ingress_bits_per_second = 0;
  uint64_t egress_bits_per_second = 0;
};

struct PodNetworkRequest {
  std::string pod_id;  // CNI_CONTAINERID
  std::string name;    // K8S_POD_NAME, _NAMESPACE, _UID in CNI_ARGS
  std::string name_space;
  std::string uid;
  std::string netns_path;  // "" on Detach when the namespace is gone
  std::vector<PortMapping> port_mappings;
  std::string cgroup_path;               // CNI capability "cgroupPath"
  std::vector<std::string> dns_servers;  // CNI capability "dns"
  std::vector<std::string> dns_searches;
  std::vector<std::string> dns_options;
  std::vector<std::string> aliases;  // names inside user networks; CNI capability "aliases"
  std::vector<std::string> ips;      // addresses asked for; CNI capability "ips"
  std::string mac;                   // CNI capability "mac"
  Bandwidth bandwidth;               // CNI capability "bandwidth"
  std::string network;               // conflist name; "" is the default network
  CancelToken cancel;
};

struct PodNetwork {
  std::vector<std::string> ips;  // without prefix length; first is the primary one
  std::string interface_name;    // "eth0"
  std::string result_json;       // the CNI result of the last plugin
  std::vector<std::string> dns_servers;
};

struct NetworkOptions {
  std::string state_dir;              // leases, result cache
  std::string conf_dir;               // "/etc/cni/net.d"
  std::vector<std::string> bin_dirs;  // "/opt/cni/bin", "/usr/lib/cni"
  bool builtin =
      true;  // bridge, host-local, portmap and loopback in-process where the conflist names them
  // Used when conf_dir holds no conflist and this is not empty: a conflist as JSON text.
  std::string default_conflist;
  std::chrono::seconds plugin_timeout{60};
};

class Network {
 public:
  static Result<std::unique_ptr<Network>> Open(NetworkOptions options);
  virtual ~Network() = default;

  // InvalidArgument, NotFound (no such network) and AlreadyExists (a host port or address is taken)
  // blame the request; Unavailable: no network is configured. A pod that is attached already is
  // detached first. On failure everything of this pod is undone (DEL of every plugin) before the
  // error returns.
  virtual Result<PodNetwork> Attach(const PodNetworkRequest& request) = 0;
  // Idempotent; works from the cache when the namespace or the configuration is gone.
  virtual Result<> Detach(const PodNetworkRequest& request) = 0;
  virtual Result<> Check(const PodNetworkRequest& request) = 0;
  // Why pods can't get a network now, or ok.
  virtual Result<> Status() = 0;
  // Frees what belongs to none of VALID_POD_IDS: addresses, rules, host interfaces, cache files. A
  // pod whose Attach is going on must be among them.
  virtual Result<> CollectGarbage(const std::vector<std::string>& valid_pod_ids) = 0;
  // Reads conf_dir again (also done by itself when the directory changes).
  virtual Result<> Reload() = 0;
  // The conflist in force, as JSON text, for verbose status.
  virtual std::string Describe() = 0;
};

}  // namespace onggi
