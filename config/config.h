// Config: what an operator decides about the node. Plain data with the defaults; docs/CONFIG.md and
// `onggid config default` say the same to people, from the table in keys_table.cc.
//
// Thread-safety: plain data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace onggi {

// A registry endpoint tried before the host itself.
struct MirrorEndpoint {
  std::string url;           // "https://mirror:5000"; http only where it is written
  bool skip_verify = false;  // accept any certificate
  friend bool operator==(const MirrorEndpoint&, const MirrorEndpoint&) = default;
};
using MirrorMap = std::map<std::string, std::vector<MirrorEndpoint>>;

// What a Kubernetes RuntimeClass names.
struct HandlerConfig {
  std::string path;          // of an OCI runtime binary
  std::string type = "oci";  // how it is spoken to
  friend bool operator==(const HandlerConfig&, const HandlerConfig&) = default;
};
using HandlerMap = std::map<std::string, HandlerConfig>;

struct CgroupConfig {
  std::string driver = "cgroupfs";  // or "systemd"
  std::string parent = "/onggi";    // of pods that name none
  friend bool operator==(const CgroupConfig&, const CgroupConfig&) = default;
};

struct NetworkConfig {
  bool builtin = true;
  std::string default_subnet = "10.89.0.0/16";
  std::string cni_conf_dir = "/etc/cni/net.d";
  std::vector<std::string> cni_bin_dirs = {"/opt/cni/bin", "/usr/lib/cni"};
  int64_t cni_timeout_s = 60;
  friend bool operator==(const NetworkConfig&, const NetworkConfig&) = default;
};

struct ImageSettings {
  std::string snapshotter = "auto";  // or "overlay", "copy", "erofs"
  std::vector<std::string> pinned;
  std::string certs_dir = "/etc/onggi/certs.d";
  int64_t max_parallel_layers = 4;
  int64_t no_progress_timeout_s = 60;
  friend bool operator==(const ImageSettings&, const ImageSettings&) = default;
};

struct StreamingConfig {
  std::string address = "127.0.0.1";
  int64_t port = 0;  // 0: any free one
  friend bool operator==(const StreamingConfig&, const StreamingConfig&) = default;
};

struct Config {
  std::string socket = "/run/onggi/onggi.sock";
  std::string socket_group;                // "" leaves it root's
  std::string root = "/var/lib/onggi";     // survives a reboot
  std::string state = "/run/onggi/state";  // on tmpfs
  CgroupConfig cgroup;
  NetworkConfig network;
  MirrorMap registry_mirrors;  // host -> endpoints in order
  ImageSettings image;
  std::string runtime_path;  // of onggi-runtime; "" looks beside onggid, then in PATH
  HandlerMap runtime_handlers;
  std::string seccomp_default_profile;  // "" is the built-in one
  StreamingConfig streaming;
  // Empty is the built-in list (docs/RUNTIME.md).
  std::vector<std::string> container_default_capabilities;
  int64_t container_log_max_line_bytes = 16384;
  int64_t server_max_threads = 256;
  std::string log_level = "info";
  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace onggi
