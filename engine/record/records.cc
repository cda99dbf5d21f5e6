#include "engine/record/records.h"

#include "engine/record/describe.h"
#include "engine/record/fields.h"

namespace onggi {
namespace {

const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> migrations = {
      {1,
       "CREATE TABLE engine_pods(id TEXT PRIMARY KEY, config TEXT NOT NULL, status TEXT NOT NULL);"
       "CREATE TABLE engine_containers(id TEXT PRIMARY KEY, pod_id TEXT NOT NULL,"
       " config TEXT NOT NULL, status TEXT NOT NULL, spec TEXT NOT NULL);"
       "CREATE TABLE engine_meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);"}};
  return migrations;
}

template <typename T>
std::string Format(const T& value) {
  return DumpJson(record::JsonWriter::ToJson(value));
}

template <typename T>
Result<> Parse(const std::string& text, T& value) {
  TRY_ASSIGN(Json json, ParseJson(text, {.bytes = 64 << 20, .depth = 64}));
  record::JsonReader reader(json);
  Describe(reader, value);
  if (!reader.wrong().empty()) return Error(Code::kDataLoss, "wrong type at " + reader.wrong());
  return Ok();
}

}  // namespace

std::string FormatConfig(const PodConfig& config) {
  return Format(config);
}
std::string FormatConfig(const ContainerConfig& config) {
  return Format(config);
}

Result<PodConfig> ParsePodConfig(const std::string& text) {
  PodConfig config;
  TRY(Parse(text, config));
  return config;
}

Result<ContainerConfig> ParseContainerConfig(const std::string& text) {
  ContainerConfig config;
  TRY(Parse(text, config));
  return config;
}

Result<Records> Records::Open(Database& database) {
  TRY(database.Migrate("engine", Migrations()));
  return Records(database);
}

Result<> Records::InsertPod(const PodStatus& pod) {
  TRY(database_->Execute("INSERT INTO engine_pods(id, config, status) VALUES(?, ?, ?)",
                         {pod.id, Format(pod.config), Format(pod)}));
  return Ok();
}

Result<> Records::UpdatePod(const PodStatus& pod) {
  TRY(database_->Execute("UPDATE engine_pods SET status = ? WHERE id = ?", {Format(pod), pod.id}));
  return Ok();
}

Result<> Records::DeletePod(const std::string& id) {
  TRY(database_->Execute("DELETE FROM engine_pods WHERE id = ?", {id}));
  return Ok();
}

Result<> Records::InsertContainer(const ContainerStatus& container, const std::string& spec) {
  TRY(database_->Execute(
      "INSERT INTO engine_containers(id, pod_id, config, status, spec) VALUES(?, ?, ?, ?, ?)",
      {container.id, container.pod_id, Format(container.config), Format(container), spec}));
  return Ok();
}

Result<> Records::UpdateContainer(const ContainerStatus& container) {
  TRY(database_->Execute("UPDATE engine_containers SET status = ? WHERE id = ?",
                         {Format(container), container.id}));
  return Ok();
}

Result<> Records::UpdateContainerConfig(const std::string& id, const ContainerConfig& config) {
  TRY(database_->Execute("UPDATE engine_containers SET config = ? WHERE id = ?",
                         {Format(config), id}));
  return Ok();
}

Result<> Records::DeleteContainer(const std::string& id) {
  TRY(database_->Execute("DELETE FROM engine_containers WHERE id = ?", {id}));
  return Ok();
}

Result<std::string> Records::SpecOf(const std::string& id) {
  std::string spec;
  TRY(database_->Query("SELECT spec FROM engine_containers WHERE id = ?", {id},
                       [&](const Row& row) -> Result<> {
                         spec = row.Text(0);
                         return Ok();
                       }));
  if (spec.empty()) return NotFound("container " + id + " has no stored specification");
  return spec;
}

Result<Records::Loaded> Records::Load() {
  Loaded loaded;
  auto damaged = [&](const std::string& what, const Error& error) {
    loaded.damaged.push_back(what + ": " + error.message());
  };
  TRY(database_->Query("SELECT id, config, status FROM engine_pods", {},
                       [&](const Row& row) -> Result<> {
                         PodStatus pod;
                         auto parsed = Parse(row.Text(2), pod);
                         if (parsed) parsed = Parse(row.Text(1), pod.config);
                         pod.id = row.Text(0);
                         if (!parsed) {
                           damaged("pod " + pod.id, parsed.error());
                         } else {
                           loaded.pods.push_back(std::move(pod));
                         }
                         return Ok();
                       }));
  TRY(database_->Query("SELECT id, pod_id, config, status FROM engine_containers", {},
                       [&](const Row& row) -> Result<> {
                         ContainerStatus container;
                         auto parsed = Parse(row.Text(3), container);
                         if (parsed) parsed = Parse(row.Text(2), container.config);
                         container.id = row.Text(0);
                         container.pod_id = row.Text(1);
                         if (!parsed) {
                           damaged("container " + container.id, parsed.error());
                         } else {
                           loaded.containers.push_back(std::move(container));
                         }
                         return Ok();
                       }));
  return loaded;
}

Result<std::string> Records::Meta(const std::string& key) {
  std::string value;
  TRY(database_->Query("SELECT value FROM engine_meta WHERE key = ?", {key},
                       [&](const Row& row) -> Result<> {
                         value = row.Text(0);
                         return Ok();
                       }));
  return value;
}

Result<> Records::SetMeta(const std::string& key, const std::string& value) {
  TRY(database_->Execute("INSERT OR REPLACE INTO engine_meta(key, value) VALUES(?, ?)",
                         {key, value}));
  return Ok();
}

}  // namespace onggi
