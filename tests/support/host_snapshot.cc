#include "tests/support/host_snapshot.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/child_process.h"
#include "base/file_io.h"
#include "base/strings.h"

namespace onggi::testing {
namespace {

namespace fs = std::filesystem;

// The mount point and type of each line: ids and device numbers change by themselves.
Result<std::set<std::string>> Mounts() {
  TRY_ASSIGN(std::string text, ReadFile("/proc/self/mountinfo"));
  std::set<std::string> out;
  for (std::string_view line : Split(text, '\n')) {
    auto words = Split(line, ' ');
    if (words.size() > 9)
      out.insert(std::string(words[4]) + " " + std::string(words[words.size() - 3]));
  }
  return out;
}

Result<std::set<std::string>> Lines(std::vector<std::string> command) {
  TRY_ASSIGN(CommandOutput output,
             RunCommand({.argv = std::move(command), .env = {"PATH=/usr/sbin:/usr/bin"}}));
  std::set<std::string> out;
  for (std::string_view line : Split(output.out, '\n')) {
    std::string text(Trim(line));
    // Counters of rules and lifetimes of addresses are no trace of ours.
    if (!text.empty() && text.find("valid_lft") == std::string::npos) out.insert(text);
  }
  return out;
}

std::set<std::string> Cgroups() {
  std::set<std::string> out;
  std::error_code error;
  auto options = fs::directory_options::skip_permission_denied;
  for (auto it = fs::recursive_directory_iterator("/sys/fs/cgroup", options, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::string path = it->path().string();
    if (it->is_directory(error) && path.find("/process_api/") == std::string::npos)
      out.insert(path);
  }
  return out;
}

// Inode of each network namespace that some process is in, and processes that are ours.
void Processes(std::set<std::string>& namespaces, std::set<std::string>& ours) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    std::string pid = entry.path().filename().string();
    if (!ParseUint(pid)) continue;
    char target[64];
    ssize_t n = readlink((entry.path().string() + "/ns/net").c_str(), target, sizeof target);
    if (n > 0) namespaces.insert(std::string(target, static_cast<size_t>(n)));
    std::string name = ReadFile(entry.path().string() + "/comm").value_or("");
    if (name.rfind("onggi-", 0) == 0) ours.insert(pid + " " + std::string(Trim(name)));
  }
}

}  // namespace

Result<HostSnapshot> HostSnapshot::Take() {
  HostSnapshot snapshot;
  TRY_ASSIGN(snapshot.kinds_["mount"], Mounts());
  TRY_ASSIGN(snapshot.kinds_["interface"], Lines({"/usr/sbin/ip", "-br", "link"}));
  TRY_ASSIGN(snapshot.kinds_["address"], Lines({"/usr/sbin/ip", "-br", "address"}));
  TRY_ASSIGN(snapshot.kinds_["nft rule"], Lines({"/usr/sbin/nft", "-s", "list", "ruleset"}));
  snapshot.kinds_["cgroup"] = Cgroups();
  Processes(snapshot.kinds_["network namespace"], snapshot.kinds_["process"]);
  return snapshot;
}

std::string HostSnapshot::DifferenceTo(const HostSnapshot& later) const {
  std::string out;
  for (const auto& [kind, before] : kinds_) {
    const std::set<std::string>& after = later.kinds_.at(kind);
    for (const std::string& thing : after) {
      if (before.count(thing) == 0) out += "left behind: " + kind + " " + thing + "\n";
    }
    for (const std::string& thing : before) {
      if (after.count(thing) == 0) out += "gone: " + kind + " " + thing + "\n";
    }
  }
  return out;
}

}  // namespace onggi::testing
