#include "network/builtin/host_local.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {

namespace {

// Where to go on: only a hint. Not truncated, because ext4 flushes what was; what is left of a
// longer address is blanked.
void Mark(const std::string& path, std::string text) {
  text.resize(std::max<size_t>(text.size(), 40), '\n');
  auto file = Open(path, O_WRONLY | O_CREAT, 0644);
  if (file.has_value()) (void)WriteAll(file->get(), text);
}

}  // namespace

// Leases of other processes are met by O_EXCL; those of this one are all in memory.
Result<> HostLocal::Load() {
  if (is_loaded_) return Ok();
  TRY(MakeDirs(directory_));
  used_.clear();
  by_pod_.clear();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    std::string name = entry.path().filename().string();
    if (!ParseIpAddress(name).has_value()) continue;
    std::string content = ReadFile(entry.path().string(), 4096).value_or("");
    used_.insert(name);
    by_pod_[content.substr(0, content.find_first_of("\r\n"))].push_back(name);
  }
  if (error) return SysError("readdir(" + directory_ + ")", error.value());
  is_loaded_ = true;
  return Ok();
}

Result<bool> HostLocal::Take(const IpAddress& address, const Request& request) {
  std::string name = address.Text();
  if (used_.count(name) > 0) return false;
  std::string path = directory_ + "/" + name;
  auto file = Open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!file.has_value()) {
    if (file.error().sys_errno() != EEXIST) return std::move(file).error();
    used_.insert(name);  // another process's
    return false;
  }
  auto written = WriteAll(file->get(), request.pod_id + "\r\n" + request.interface_name);
  if (!written.has_value()) {
    (void)unlink(path.c_str());  // the first error is the one to tell
    return std::move(written).error();
  }
  used_.insert(name);
  by_pod_[request.pod_id].push_back(name);
  return true;
}

Result<Lease> HostLocal::AllocateIn(const RangeSet& set, size_t index, const Request& request) {
  for (const std::string& text : request.wanted) {
    TRY_ASSIGN(IpAddress wanted, ParseIpAddress(text));
    for (const AddressRange& range : set) {
      if (!range.subnet.Contains(wanted)) continue;
      wanted.prefix = range.subnet.prefix;
      if (wanted.SameAs(range.gateway))
        return InvalidArgument("address " + wanted.Text() + " is the gateway's");
      TRY_ASSIGN(bool taken, Take(wanted, request));
      if (!taken) return AlreadyExists("address " + wanted.Text() + " is in use");
      return Lease{wanted, range.gateway};
    }
  }
  // Going on after the last one gives an address a rest before it is used again.
  std::string last_file = directory_ + "/last_reserved_ip." + std::to_string(index);
  if (last_.count(index) == 0) {
    auto read = ParseIpAddress(std::string(Trim(ReadFile(last_file, 64).value_or(""))));
    last_[index] = read.has_value() ? *read : set.front().first;
    if (!read.has_value()) last_[index] = set.back().last;
  }
  size_t start = 0;
  while (start + 1 < set.size() && !set[start].subnet.Contains(last_[index])) ++start;
  // Once around all ranges, and the first one again for what lies before the last address.
  for (size_t turn = 0; turn <= set.size(); ++turn) {
    const AddressRange& range = set[(start + turn) % set.size()];
    IpAddress next = range.first;
    if (turn == 0 && range.subnet.Contains(last_[index])) next = last_[index].Next();
    for (; next.Compare(range.first) >= 0 && next.Compare(range.last) <= 0; next = next.Next()) {
      if (next.SameAs(range.gateway)) continue;
      TRY_ASSIGN(bool taken, Take(next, request));
      if (taken) {
        last_[index] = next;
        Mark(last_file, next.Text());
        next.prefix = range.subnet.prefix;
        return Lease{next, range.gateway};
      }
      if (next.SameAs(range.last)) break;  // the highest address of all has no next
    }
  }
  return ResourceExhausted("no free address in " + set.front().subnet.WithPrefix());
}

Result<std::vector<Lease>> HostLocal::Allocate(const std::vector<RangeSet>& sets,
                                               const Request& request) {
  MutexLock lock(mutex_);
  TRY(Load());
  std::vector<Lease> leases;
  for (size_t i = 0; i < sets.size(); ++i) {
    auto lease = AllocateIn(sets[i], i, request);
    if (!lease.has_value() && lease.error().code() != Code::kInvalidArgument) {
      // Another process, or a person, may have freed addresses since they were read.
      is_loaded_ = false;
      TRY(Load());
      lease = AllocateIn(sets[i], i, request);
    }
    if (!lease.has_value()) {
      (void)ReleaseLocked(request.pod_id);  // the first error is the one to tell
      return std::move(lease).error();
    }
    leases.push_back(*lease);
  }
  return leases;
}

Result<> HostLocal::ReleaseLocked(const std::string& pod_id) {
  auto at = by_pod_.find(pod_id);
  if (at == by_pod_.end()) return Ok();
  for (const std::string& name : at->second) {
    TRY(RemoveFile(directory_ + "/" + name));
    used_.erase(name);
  }
  by_pod_.erase(at);
  return Ok();
}

Result<> HostLocal::Release(const std::string& pod_id) {
  MutexLock lock(mutex_);
  TRY(Load());
  return ReleaseLocked(pod_id);
}

Result<> HostLocal::Retain(const std::set<std::string>& pod_ids) {
  MutexLock lock(mutex_);
  TRY(Load());
  std::vector<std::string> strangers;
  for (const auto& [pod_id, addresses] : by_pod_) {
    if (pod_ids.count(pod_id) == 0) strangers.push_back(pod_id);
  }
  for (const std::string& pod_id : strangers) TRY(ReleaseLocked(pod_id));
  return Ok();
}

bool HostLocal::Holds(const std::string& pod_id) {
  MutexLock lock(mutex_);
  return Load().has_value() && by_pod_.count(pod_id) > 0;
}

}  // namespace onggi
