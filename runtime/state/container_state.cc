#include "runtime/state/container_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/file_io.h"
#include "base/json.h"
#include "base/strings.h"
#include "runtime/spec/parse.h"

namespace onggi {
namespace {

std::string FormatRecord(const ContainerRecord& record) {
  return DumpJson(Json{{"version", 1},
                       {"id", record.id},
                       {"bundle", record.bundle},
                       {"pid", record.pid},
                       {"startTime", record.start_time},
                       {"createdAtNs", record.created_at_ns},
                       {"cgroupPath", record.cgroup_path},
                       {"cgroupDirs", record.cgroup_dirs}});
}

Result<ContainerRecord> ParseRecord(std::string_view text) {
  TRY_ASSIGN(const Json json, ParseJson(text));
  ContainerRecord record;
  TRY_ASSIGN(record.id, JsonString(json, "id"));
  TRY_ASSIGN(record.bundle, JsonString(json, "bundle"));
  TRY_ASSIGN(const int64_t pid, JsonInt(json, "pid"));
  record.pid = static_cast<pid_t>(pid);
  TRY_ASSIGN(record.start_time, JsonUint(json, "startTime"));
  TRY_ASSIGN(record.created_at_ns, JsonInt(json, "createdAtNs"));
  TRY_ASSIGN(record.cgroup_path, JsonString(json, "cgroupPath"));
  TRY_ASSIGN(record.cgroup_dirs, JsonStrings(json, "cgroupDirs"));
  return record;
}

}  // namespace

std::string_view StatusName(ContainerStatus status) {
  switch (status) {
    case ContainerStatus::kCreated:
      return "created";
    case ContainerStatus::kRunning:
      return "running";
    case ContainerStatus::kPaused:
      return "paused";
    case ContainerStatus::kStopped:
      return "stopped";
  }
  return "unknown";
}

Result<> CheckContainerId(const std::string& id) {
  const bool good = !id.empty() && id.size() <= 1024 && id != "." && id != ".." &&
                    std::all_of(id.begin(), id.end(), [](unsigned char c) {
                      return isalnum(c) != 0 || c == '_' || c == '+' || c == '-' || c == '.';
                    });
  if (good) return Ok();
  return InvalidArgument("container id " + Quote(id) + " is not made of letters, digits and _+-.");
}

uint64_t ProcessStartTime(pid_t pid) {
  if (pid <= 0) return 0;
  const Result<std::string> stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return 0;
  // The name may hold blanks and parentheses: fields are counted from the last ")".
  const size_t close = stat->rfind(") ");
  if (close == std::string::npos) return 0;
  const std::vector<std::string_view> fields =
      Split(std::string_view(*stat).substr(close + 2), ' ');
  constexpr size_t kStart = 22 - 3;
  if (fields.size() <= kStart || fields[0] == "Z" || fields[0] == "X") return 0;
  return ParseUint(fields[kStart]).value_or(0);
}

Result<ContainerState> ContainerState::Create(const std::string& root, const std::string& id,
                                              std::string_view config) {
  TRY(CheckContainerId(id));
  ContainerState state(root + "/" + id);
  const char* directory = state.directory_.c_str();
  int err = mkdir(directory, 0700) == 0 ? 0 : errno;
  if (err == ENOENT) {
    TRY(MakeDirs(root, 0700));
    err = mkdir(directory, 0700) == 0 ? 0 : errno;
  }
  if (err == EEXIST) return AlreadyExists("container " + id + " exists");
  if (err != 0) return SysError("mkdir(" + state.directory_ + ")", err);
  TRY_ASSIGN(const UniqueFd file,
             Open(state.directory_ + "/config.json", O_WRONLY | O_CREAT | O_EXCL, 0600));
  TRY(WriteAll(file.get(), config));
  return state;
}

Result<ContainerState> ContainerState::Load(const std::string& root, const std::string& id) {
  TRY(CheckContainerId(id));
  ContainerState state(root + "/" + id);
  if (!PathExists(state.directory_)) {
    return NotFound("container " + id + " does not exist");
  }
  Result<std::string> text = ReadFile(state.directory_ + "/state.json");
  if (!text) {
    // A create that was killed half-way: nothing runs, delete may clear it.
    if (text.error().sys_errno() != ENOENT) return std::move(text).error();
    state.record_.id = id;
    return state;
  }
  TRY_ASSIGN(state.record_, ParseRecord(*text).Wrap("state of container " + id));
  return state;
}

std::vector<std::string> ContainerState::List(const std::string& root) {
  std::vector<std::string> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(root.c_str()), &closedir);
  while (const dirent* entry = handle ? readdir(handle.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (CheckContainerId(name) && PathExists(root + "/" + name + "/config.json")) {
      ids.push_back(name);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<> ContainerState::Save(ContainerRecord record) {
  record_ = std::move(record);
  return WriteFileAtomic(directory_ + "/state.json", FormatRecord(record_), 0600);
}

Result<spec::Spec> ContainerState::ReadSpec() const {
  TRY_ASSIGN(const std::string text, ReadFile(directory_ + "/config.json"));
  return spec::ParseSpec(text);
}

ContainerStatus ContainerState::Status() const {
  if (record_.pid == 0 || ProcessStartTime(record_.pid) != record_.start_time) {
    return ContainerStatus::kStopped;
  }
  if (PathExists(StartSocket())) return ContainerStatus::kCreated;
  const Result<Cgroup> group = OpenCgroup();
  if (group && group->IsFrozen().value_or(false)) return ContainerStatus::kPaused;
  return ContainerStatus::kRunning;
}

Result<UniqueFd> ContainerState::OpenInit() const {
  const Error gone = FailedPrecondition("container " + record_.id + " is not running");
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, record_.pid, 0)));
  if (!pidfd.valid()) return gone.Clone();
  // Held now: if the start time is the recorded one, it is the process itself (threat C28).
  if (ProcessStartTime(record_.pid) != record_.start_time) return gone.Clone();
  return pidfd;
}

Result<Cgroup> ContainerState::OpenCgroup() const {
  return Cgroup::FromDirs(record_.cgroup_path, record_.cgroup_dirs);
}

Result<> ContainerState::Remove() const {
  return RemoveTree(directory_);
}

}  // namespace onggi
