#include "engine/container/validate_mounts.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/strings.h"
#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

constexpr std::string_view kMountOptions[] = {
    "exec",     "noexec",     "suid",        "nosuid",    "dev",        "nodev",
    "ro",       "rw",         "atime",       "noatime",   "diratime",   "nodiratime",
    "relatime", "norelatime", "strictatime", "symfollow", "nosymfollow"};

bool IsTmpfsOption(std::string_view option) {
  size_t equals = option.find('=');
  if (equals == std::string_view::npos) return false;
  std::string_view key = option.substr(0, equals);
  return key == "size" || key == "mode" || key == "uid" || key == "gid" || key == "nr_inodes";
}

Result<> CheckOptions(const ContainerMount& m) {
  for (const std::string& option : m.options) {
    bool known = std::find(std::begin(kMountOptions), std::end(kMountOptions), option) !=
                     std::end(kMountOptions) ||
                 (m.kind == "tmpfs" && IsTmpfsOption(option));
    if (!known || option.find(',') != std::string::npos || HasControlBytes(option)) {
      return BadField("mounts.mount_options", option,
                      "noexec, nosuid, nodev, noatime and the like");
    }
  }
  return Ok();
}

Result<> CheckReadOnly(const ContainerMount& m) {
  if (!m.recursive_read_only) return Ok();
  if (!m.read_only) {
    return BadField("mounts.recursive_read_only", "true",
                    "only with readonly (" + m.container_path + ")");
  }
  if (m.propagation != ContainerMount::Propagation::kPrivate) {
    return BadField("mounts.recursive_read_only", "true",
                    "only with private propagation (" + m.container_path + ")");
  }
  return Ok();
}

Result<> CheckImageVolume(const ContainerMount& m) {
  if (!m.host_path.empty()) {
    return BadField("mounts.host_path", m.host_path, "empty for an image volume");
  }
  if (!m.read_only) {
    return BadField("mounts.readonly", "false", "true for an image volume (" + m.image + ")");
  }
  if (!m.image_sub_path.empty() && !IsCleanRelativePath(m.image_sub_path)) {
    return BadField("mounts.image_sub_path", m.image_sub_path, "a relative path without '..'");
  }
  return Ok();
}

Result<> CheckSource(const ContainerMount& m) {
  if (!m.image.empty()) return CheckImageVolume(m);
  if (!m.image_sub_path.empty()) {
    return BadField("mounts.image_sub_path", m.image_sub_path, "only with an image");
  }
  if (m.kind == "tmpfs") return Ok();
  if (m.kind == "volume") {
    if (IsHostname(m.host_path)) return Ok();
    return BadField("mounts.host_path", m.host_path, "the name of a volume");
  }
  if (!m.kind.empty()) return BadField("mounts.kind", m.kind, "tmpfs or volume");
  if (!IsCleanAbsolutePath(m.host_path)) {
    return BadField("mounts.host_path", m.host_path, "an absolute path without '..'");
  }
  return Ok();
}

Result<> CheckMount(const ContainerMount& m) {
  if (!IsCleanAbsolutePath(m.container_path) || m.container_path == "/") {
    return BadField("mounts.container_path", m.container_path,
                    "an absolute path without '..' other than /");
  }
  if (m.propagation > ContainerMount::Propagation::kBidirectional) {
    return BadField("mounts.propagation", std::to_string(static_cast<int>(m.propagation)),
                    "PRIVATE, HOST_TO_CONTAINER or BIDIRECTIONAL");
  }
  TRY(CheckSource(m));
  TRY(CheckReadOnly(m));
  if (m.uid_mappings.empty() != m.gid_mappings.empty()) {
    return BadField("mounts.uidMappings", std::to_string(m.uid_mappings.size()),
                    "uid and gid mappings together or neither");
  }
  return CheckOptions(m);
}

Result<> CheckDevices(const std::vector<ContainerDevice>& devices) {
  for (const ContainerDevice& device : devices) {
    if (!IsCleanAbsolutePath(device.host_path)) {
      return BadField("devices.host_path", device.host_path, "an absolute path without '..'");
    }
    if (!IsCleanAbsolutePath(device.container_path)) {
      return BadField("devices.container_path", device.container_path,
                      "an absolute path without '..'");
    }
    if (device.permissions.size() > 3 ||
        device.permissions.find_first_not_of("rwm") != std::string::npos) {
      return BadField("devices.permissions", device.permissions, "letters of rwm");
    }
  }
  return Ok();
}

}  // namespace

bool IsCdiName(const std::string& name) {
  size_t slash = name.find('/'), equals = name.find('=');
  if (slash == std::string::npos || equals == std::string::npos || slash == 0 ||
      equals < slash + 2 || equals + 1 == name.size()) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/=._-:").find(c) != std::string_view::npos;
  });
}

Result<> ValidateMounts(const ContainerConfig& config) {
  std::set<std::string> targets;
  for (const ContainerMount& mount : config.mounts) {
    TRY(CheckMount(mount));
    if (!targets.insert(mount.container_path).second) {
      return BadField("mounts.container_path", mount.container_path, "each path once");
    }
  }
  TRY(CheckDevices(config.devices));
  for (const std::string& name : config.cdi_devices) {
    if (!IsCdiName(name)) {
      return BadField("CDI_devices.name", name, "a qualified name: vendor.com/class=device");
    }
  }
  return Ok();
}

}  // namespace onggi
