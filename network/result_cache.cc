#include "network/result_cache.h"

#include <filesystem>

#include "base/file_io.h"

namespace onggi {
namespace {

constexpr int kPortMax = 65535;
constexpr const char* kIntent = ".json";
constexpr const char* kResult = ".result";

Json PortsOf(const PodNetworkRequest& pod) {
  Json ports = Json::array();
  for (const PortMapping& mapping : pod.port_mappings) {
    ports.push_back({{"protocol", static_cast<int>(mapping.protocol)},
                     {"containerPort", mapping.container_port},
                     {"hostPort", mapping.host_port},
                     {"hostIP", mapping.host_ip}});
  }
  return ports;
}

Result<std::vector<PortMapping>> ReadPorts(const Json& pod) {
  std::vector<PortMapping> out;
  TRY_ASSIGN(Json ports, JsonArray(pod, "ports"));
  for (const Json& port : ports) {
    TRY_ASSIGN(uint64_t protocol, JsonUint(port, "protocol"));
    TRY_ASSIGN(uint64_t container_port, JsonUint(port, "containerPort"));
    TRY_ASSIGN(uint64_t host_port, JsonUint(port, "hostPort"));
    if (protocol > 2 || container_port > kPortMax || host_port > kPortMax)
      return InvalidArgument("port out of range");
    PortMapping mapping;
    mapping.protocol = static_cast<PortMapping::Protocol>(protocol);
    mapping.container_port = static_cast<uint16_t>(container_port);
    mapping.host_port = static_cast<uint16_t>(host_port);
    TRY_ASSIGN(mapping.host_ip, JsonString(port, "hostIP"));
    out.push_back(mapping);
  }
  return out;
}

}  // namespace

Result<> ResultCache::PutIntent(const CachedAttachment& attachment) const {
  const PodNetworkRequest& pod = attachment.pod;
  Json json = {{"network", attachment.network.whole}, {"builtIn", attachment.built_in}};
  json["pod"] = {{"name", pod.name},        {"namespace", pod.name_space}, {"uid", pod.uid},
                 {"netns", pod.netns_path}, {"cgroup", pod.cgroup_path},   {"ports", PortsOf(pod)}};
  return WriteFileAtomic(PathOf(pod.pod_id, kIntent), DumpJson(json), 0600);
}

Result<> ResultCache::PutResult(const std::string& pod_id, const Json& result) const {
  return WriteFileAtomic(PathOf(pod_id, kResult), DumpJson(result), 0600);
}

Result<std::optional<CachedAttachment>> ResultCache::Get(const std::string& pod_id) const {
  auto text = ReadFile(PathOf(pod_id, kIntent));
  if (!text.has_value()) {
    if (text.error().sys_errno() == ENOENT) return std::optional<CachedAttachment>();
    return std::move(text).error();
  }
  TRY_ASSIGN(Json json, ParseJson(*text));
  CachedAttachment cached;
  TRY_ASSIGN(cached.network,
             ParseConflist(DumpJson(JsonMember(json, "network")), PathOf(pod_id, kIntent)));
  TRY_ASSIGN(cached.built_in, JsonBool(json, "builtIn"));
  auto result = ReadFile(PathOf(pod_id, kResult));
  if (result.has_value()) {
    TRY_ASSIGN(cached.result, ParseJson(*result));
  } else if (result.error().sys_errno() != ENOENT) {
    return std::move(result).error();
  }
  const Json& pod = JsonMember(json, "pod");
  cached.pod.pod_id = pod_id;
  TRY_ASSIGN(cached.pod.name, JsonString(pod, "name"));
  TRY_ASSIGN(cached.pod.name_space, JsonString(pod, "namespace"));
  TRY_ASSIGN(cached.pod.uid, JsonString(pod, "uid"));
  TRY_ASSIGN(cached.pod.netns_path, JsonString(pod, "netns"));
  TRY_ASSIGN(cached.pod.cgroup_path, JsonString(pod, "cgroup"));
  TRY_ASSIGN(cached.pod.port_mappings, ReadPorts(pod));
  return std::optional<CachedAttachment>(std::move(cached));
}

Result<> ResultCache::Remove(const std::string& pod_id) const {
  TRY(RemoveFile(PathOf(pod_id, kResult)));  // the intent last: it is what tells of the pod
  return RemoveFile(PathOf(pod_id, kIntent));
}

std::vector<std::string> ResultCache::PodIds() const {
  std::vector<std::string> ids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    if (entry.path().extension() == kIntent) ids.push_back(entry.path().stem().string());
  }
  return ids;
}

}  // namespace onggi
