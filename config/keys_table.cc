#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "config/keys.h"

namespace onggi {
namespace {

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Not beginning with a dot or a dash, and made of LETTERS, digits and what EXTRA adds.
bool IsWord(std::string_view text, std::string_view extra) {
  if (text.empty() || text.size() > 253 || text[0] == '-' || text[0] == '.') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  });
}

// A NUL or a line break in a path is never meant.
bool IsPlainText(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

// sockaddr_un holds 107 bytes and a NUL.
bool IsSocketPath(std::string_view text) {
  return IsAbsolutePath(text) && text.size() <= 107;
}
bool IsOptionalPath(std::string_view text) {
  return text.empty() || IsAbsolutePath(text);
}
bool IsDriver(std::string_view text) {
  return IsOneOf(text, {"cgroupfs", "systemd"});
}
// "/a/b" for cgroupfs, "a-b.slice" for systemd.
bool IsCgroupParent(std::string_view text) {
  bool is_slice =
      text.size() > 6 && text.substr(text.size() - 6) == ".slice" && IsWord(text, "-_.");
  return is_slice || (IsAbsolutePath(text) && text.size() > 1);
}
bool IsSnapshotter(std::string_view text) {
  return IsOneOf(text, {"auto", "overlay", "copy", "erofs"});
}
bool IsLevel(std::string_view text) {
  return IsOneOf(text, {"debug", "info", "warn", "error"});
}
bool IsIpAddress(std::string_view text) {
  std::string address(text);
  in6_addr bytes{};
  return inet_pton(AF_INET, address.c_str(), &bytes) == 1 ||
         inet_pton(AF_INET6, address.c_str(), &bytes) == 1;
}
bool IsSubnet(std::string_view text) {
  if (text.empty()) return true;
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  std::string address(text.substr(0, slash));
  auto bits = ParseUint(text.substr(slash + 1));
  in_addr bytes{};
  return inet_pton(AF_INET, address.c_str(), &bytes) == 1 && bits && *bits >= 8 && *bits <= 29;
}
bool IsGroup(std::string_view text) {
  return text.empty() || IsWord(text, "-_.");
}
bool IsPattern(std::string_view text) {
  return !text.empty() && IsPlainText(text);
}

bool IsCapability(std::string_view text) {
  return text.substr(0, 4) == "CAP_" && IsWord(text, "_");
}

using Texts = std::vector<std::string>;

// Captureless lambdas become the function pointers of ConfigField.
#define TEXT(member)                                   \
  ConfigField<std::string> {                           \
    [](Config& c) -> std::string& { return c.member; } \
  }
#define BOOL(member)                            \
  ConfigField<bool> {                           \
    [](Config& c) -> bool& { return c.member; } \
  }
#define NUMBER(member)                             \
  ConfigField<int64_t> {                           \
    [](Config& c) -> int64_t& { return c.member; } \
  }
#define TEXTS(member)                            \
  ConfigField<Texts> {                           \
    [](Config& c) -> Texts& { return c.member; } \
  }

const std::array kKeys = {
    ConfigKey{"socket", "an absolute path of at most 107 bytes",
              "Where kubelet, crictl and onggi reach the daemon (gRPC). Mode 0660.", TEXT(socket),
              IsSocketPath},
    ConfigKey{"socket_group", "a group name, or \"\"",
              "Group that may use the socket, and so is root on this node. \"\" is root only.",
              TEXT(socket_group), IsGroup},
    ConfigKey{"root", "an absolute path",
              "Images, writable layers and the metadata store: survives a reboot.", TEXT(root),
              IsAbsolutePath},
    ConfigKey{"state", "an absolute path",
              "What runs now (monitors, pinned namespaces); must be on a tmpfs.", TEXT(state),
              IsAbsolutePath},
    ConfigKey{"cgroup.driver", "cgroupfs or systemd",
              "Who makes cgroups. kubelet follows what stands here.", TEXT(cgroup.driver),
              IsDriver},
    ConfigKey{"cgroup.parent", "an absolute cgroup path, or NAME.slice",
              "Parent of the pods that name none.", TEXT(cgroup.parent), IsCgroupParent},
    ConfigKey{"network.builtin", "true or false",
              "Run bridge, host-local, portmap and loopback inside the daemon instead of as CNI\n"
              "plugins. Configuration and results are the same.",
              BOOL(network.builtin)},
    ConfigKey{"network.default_subnet", "an IPv4 subnet like 10.89.0.0/16, or \"\"",
              "Subnet of the default network (bridge onggi0), used when conf_dir holds no\n"
              "network. \"\" means: no network then, and the node is not ready.",
              TEXT(network.default_subnet), IsSubnet},
    ConfigKey{"network.cni.conf_dir", "an absolute path",
              "CNI configuration lists; the first by name is the pods' network. Watched.",
              TEXT(network.cni_conf_dir), IsAbsolutePath},
    ConfigKey{"network.cni.bin_dirs", "a list of absolute paths",
              "Where CNI plugins are looked for, in this order.", TEXTS(network.cni_bin_dirs),
              IsAbsolutePath},
    ConfigKey{"network.cni.timeout_s", "a whole number from 1 to 3600",
              "Seconds after which a CNI plugin is killed.", NUMBER(network.cni_timeout_s), nullptr,
              1, 3600},
    ConfigKey{"registry.mirrors", "hosts, each with a list of endpoints",
              "Registry host -> endpoints tried in order before the host itself. An endpoint is a\n"
              "URL (https, or http where written so), or {url: URL, skip_verify: true}.\n"
              "  docker.io: [\"https://mirror.example\", \"http://10.0.0.5:5000\"]",
              ConfigField<MirrorMap>{[](Config& c) -> MirrorMap& { return c.registry_mirrors; }}},
    ConfigKey{"image.snapshotter", "auto, overlay, copy or erofs",
              "How layers are kept. auto takes overlay where the file system allows it, else copy.",
              TEXT(image.snapshotter), IsSnapshotter},
    ConfigKey{"image.pinned", "a list of references or patterns",
              "Images that kubelet must not collect; * matches anything.", TEXTS(image.pinned),
              IsPattern},
    ConfigKey{"image.certs_dir", "an absolute path, or \"\"",
              "Certificates for registries: HOST/ca.crt, client.cert, client.key.",
              TEXT(image.certs_dir), IsOptionalPath},
    ConfigKey{"image.max_parallel_layers", "a whole number from 1 to 64",
              "Layers of one image that are fetched and unpacked at once.",
              NUMBER(image.max_parallel_layers), nullptr, 1, 64},
    ConfigKey{"image.no_progress_timeout_s", "a whole number from 1 to 86400",
              "Seconds without a byte after which a pull gives up.",
              NUMBER(image.no_progress_timeout_s), nullptr, 1, 86400},
    ConfigKey{"runtime.path", "an absolute path, or \"\"",
              "The onggi-runtime program. \"\" looks beside onggid, then in PATH.",
              TEXT(runtime_path), IsOptionalPath},
    ConfigKey{"runtime.handlers", "names, each with path and type",
              "Further OCI runtimes, by the name that a RuntimeClass gives as its handler.\n"
              "  crun: {path: /usr/bin/crun, type: oci}",
              ConfigField<HandlerMap>{[](Config& c) -> HandlerMap& { return c.runtime_handlers; }}},
    ConfigKey{"seccomp.default_profile", "an absolute path, or \"\"",
              "The profile RuntimeDefault, in Docker's JSON form. \"\" is the built-in one.",
              TEXT(seccomp_default_profile), IsOptionalPath},
    ConfigKey{"streaming.address", "an IP address",
              "Where exec, attach and port-forward streams are served.", TEXT(streaming.address),
              IsIpAddress},
    ConfigKey{"streaming.port", "a whole number from 0 to 65535", "0 takes any free port.",
              NUMBER(streaming.port), nullptr, 0, 65535},
    ConfigKey{"container.default_capabilities", "a list of names like CAP_CHOWN",
              "Capabilities of a container that asks for nothing else. Empty is the built-in list.",
              TEXTS(container_default_capabilities), IsCapability},
    ConfigKey{"container.log_max_line_bytes", "a whole number from 1024 to 1048576",
              "Longer lines of a container's log are split into partial ones (tag P).",
              NUMBER(container_log_max_line_bytes), nullptr, 1024, 1 << 20},
    ConfigKey{"server.max_threads", "a whole number from 16 to 4096",
              "Calls that are served at once; more are refused with ResourceExhausted.",
              NUMBER(server_max_threads), nullptr, 16, 4096},
    ConfigKey{"log.level", "debug, info, warn or error",
              "What the daemon writes to stderr. Reloaded on SIGHUP.", TEXT(log_level), IsLevel},
};

#undef TEXT
#undef BOOL
#undef NUMBER
#undef TEXTS

}  // namespace

std::span<const ConfigKey> ConfigKeys() {
  return kKeys;
}

std::vector<std::string> ChangedKeys(const Config& a, const Config& b) {
  Config left = a;  // fields are reached through non-const functions
  Config right = b;
  std::vector<std::string> changed;
  for (const ConfigKey& key : kKeys) {
    bool same = std::visit([&](auto field) { return field(left) == field(right); }, key.field);
    if (!same) changed.emplace_back(key.path);
  }
  return changed;
}

bool IsAbsolutePath(std::string_view text) {
  if (text.empty() || text[0] != '/' || text.size() > 4095 || !IsPlainText(text)) return false;
  for (std::string_view part : Split(text, '/')) {
    if (part == "..") return false;
  }
  return true;
}

bool IsMirrorHost(std::string_view text) {
  return IsWord(text, "-_.:[]") || text == "*";
}

bool IsEndpointUrl(std::string_view text) {
  for (std::string_view scheme : {"https://", "http://"}) {
    if (text.substr(0, scheme.size()) != scheme) continue;
    std::string_view rest = text.substr(scheme.size());
    std::string_view host = rest.substr(0, rest.find('/'));
    // Credentials in a URL would end in logs; they have their own place.
    return !host.empty() && host.find('@') == std::string_view::npos && IsPlainText(text) &&
           text.find_first_of(" ?#") == std::string_view::npos;
  }
  return false;
}

bool IsHandlerName(std::string_view text) {
  return IsWord(text, "-._");
}

}  // namespace onggi
