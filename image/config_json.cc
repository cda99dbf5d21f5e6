#include "image/config_json.h"

#include "base/json.h"
#include "image/digest.h"
#include "image/manifest.h"

namespace onggi {
namespace {

Result<Json> ParseObject(std::string_view text) {
  auto json = ParseJson(text, {.bytes = kConfigLimit, .depth = 64});
  if (!json) return Error(std::move(json).Wrap("image config").error());
  if (!json->is_object()) return InvalidArgument("image config: it is no JSON object");
  return json;
}

Result<HealthCheck> ParseHealthCheck(const Json& object) {
  HealthCheck check;
  TRY_ASSIGN(check.test, JsonStrings(object, "Test"));
  TRY_ASSIGN(check.interval_ns, JsonInt(object, "Interval"));
  TRY_ASSIGN(check.timeout_ns, JsonInt(object, "Timeout"));
  TRY_ASSIGN(check.start_period_ns, JsonInt(object, "StartPeriod"));
  TRY_ASSIGN(check.start_interval_ns, JsonInt(object, "StartInterval"));
  TRY_ASSIGN(int64_t retries, JsonInt(object, "Retries"));
  if (retries < 0 || retries > 1'000'000) return InvalidArgument("Healthcheck.Retries");
  check.retries = static_cast<int>(retries);
  return check;
}

std::vector<std::string> Keys(const Json& object) {
  std::vector<std::string> keys;
  for (auto item = object.begin(); item != object.end(); ++item) keys.push_back(item.key());
  return keys;
}

Result<> ParseProcess(const Json& object, ImageConfig& config) {
  TRY_ASSIGN(config.user, JsonString(object, "User"));
  TRY_ASSIGN(std::vector<std::string> env, JsonStrings(object, "Env"));
  for (std::string& entry : env) {
    size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    if (entry.find('\0') != std::string::npos) return InvalidArgument("Env with a NUL");
    config.env.push_back(std::move(entry));
  }
  TRY_ASSIGN(config.entrypoint, JsonStrings(object, "Entrypoint"));
  TRY_ASSIGN(config.command, JsonStrings(object, "Cmd"));
  TRY_ASSIGN(config.working_dir, JsonString(object, "WorkingDir"));
  TRY_ASSIGN(config.labels, JsonStringMap(object, "Labels"));
  TRY_ASSIGN(Json volumes, JsonObject(object, "Volumes"));
  config.volumes = Keys(volumes);
  TRY_ASSIGN(Json ports, JsonObject(object, "ExposedPorts"));
  config.exposed_ports = Keys(ports);
  TRY_ASSIGN(config.shell, JsonStrings(object, "Shell"));
  TRY_ASSIGN(config.on_build, JsonStrings(object, "OnBuild"));
  TRY_ASSIGN(config.stop_signal, JsonString(object, "StopSignal"));
  TRY_ASSIGN(Json check, JsonObject(object, "Healthcheck"));
  TRY_ASSIGN(config.health_check, ParseHealthCheck(check));
  return Ok();
}

}  // namespace

Result<ImageConfig> ParseImageConfig(std::string_view text) {
  TRY_ASSIGN(Json object, ParseObject(text));
  ImageConfig config;
  TRY_ASSIGN(config.platform.os, JsonString(object, "os"));
  TRY_ASSIGN(config.platform.architecture, JsonString(object, "architecture"));
  TRY_ASSIGN(config.platform.variant, JsonString(object, "variant"));
  TRY_ASSIGN(config.created, JsonString(object, "created"));
  TRY_ASSIGN(config.author, JsonString(object, "author"));
  TRY_ASSIGN(Json rootfs, JsonObject(object, "rootfs"));
  TRY_ASSIGN(config.diff_ids, JsonStrings(rootfs, "diff_ids"));
  if (config.diff_ids.size() > kDescriptorLimit) {
    return InvalidArgument("image config: " + std::to_string(config.diff_ids.size()) + " layers");
  }
  for (const std::string& diff_id : config.diff_ids) {
    auto digest = Digest::Parse(diff_id);
    if (!digest) return Error(std::move(digest).Wrap("image config: diff id").error());
  }
  TRY_ASSIGN(Json process, JsonObject(object, "config"));
  TRY(ParseProcess(process, config).Wrap("image config"));
  return config;
}

Result<std::vector<HistoryEntry>> ParseHistory(std::string_view text) {
  TRY_ASSIGN(Json object, ParseObject(text));
  TRY_ASSIGN(Json array, JsonArray(object, "history"));
  std::vector<HistoryEntry> entries;
  for (const Json& item : array) {
    HistoryEntry entry;
    TRY_ASSIGN(entry.created, JsonString(item, "created"));
    TRY_ASSIGN(entry.created_by, JsonString(item, "created_by"));
    TRY_ASSIGN(entry.comment, JsonString(item, "comment"));
    TRY_ASSIGN(entry.empty_layer, JsonBool(item, "empty_layer"));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace onggi
