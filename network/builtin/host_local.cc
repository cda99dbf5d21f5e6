#include "network/builtin/host_local.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

int Compare(const IpAddress& a, const IpAddress& b) {
  return memcmp(a.bytes, b.bytes, a.size());
}

void Increment(IpAddress& address) {
  for (size_t i = address.size(); i-- > 0;) {
    if (++address.bytes[i] != 0) return;
  }
}

// The subnet's first address (all host bits 0), or its last (all 1).
IpAddress Edge(IpAddress address, bool last) {
  for (int bit = address.prefix; bit < static_cast<int>(address.size() * 8); ++bit) {
    auto mask = static_cast<unsigned char>(0x80 >> bit % 8);
    if (last) {
      address.bytes[bit / 8] |= mask;
    } else {
      address.bytes[bit / 8] &= static_cast<unsigned char>(~mask);
    }
  }
  return address;
}

Result<> TakeAddress(const Json& object, const char* key, IpAddress& out) {
  TRY_ASSIGN(std::string text, JsonString(object, key));
  if (text.empty()) return Ok();
  TRY_ASSIGN(IpAddress parsed, ParseIpAddress(text));
  if (parsed.v6 != out.v6)
    return InvalidArgument(std::string(key) + ": not of the subnet's family");
  memcpy(out.bytes, parsed.bytes, sizeof out.bytes);
  return Ok();
}

Result<AddressRange> ParseRange(const Json& object) {
  TRY_ASSIGN(std::string subnet, JsonString(object, "subnet"));
  AddressRange range;
  auto parsed = ParseIpAddress(subnet);
  if (!parsed.has_value()) return std::move(parsed).error().Wrap("ipam subnet");
  range.subnet = Edge(*parsed, false);
  if (range.subnet.prefix > static_cast<int>(range.subnet.size() * 8) - 2) {
    return InvalidArgument("ipam subnet " + subnet + " is too small");
  }
  range.gateway = range.subnet;
  Increment(range.gateway);
  range.first = range.gateway;
  range.last = Edge(range.subnet, true);
  if (!range.subnet.v6) --range.last.bytes[3];  // the broadcast address
  TRY(TakeAddress(object, "gateway", range.gateway));
  TRY(TakeAddress(object, "rangeStart", range.first));
  TRY(TakeAddress(object, "rangeEnd", range.last));
  return range;
}

}  // namespace

Result<HostLocal> HostLocal::Parse(const Json& ipam, const std::string& network,
                                   const std::string& default_dir) {
  HostLocal local;
  TRY_ASSIGN(std::string base, JsonString(ipam, "dataDir", default_dir));
  local.directory_ = base + "/" + network;
  TRY_ASSIGN(Json sets, JsonArray(ipam, "ranges"));
  for (const Json& set : sets) {
    if (!set.is_array() || set.empty())
      return InvalidArgument("ipam ranges: expected lists of ranges");
    TRY_ASSIGN(AddressRange range, ParseRange(set.front()));
    local.ranges_.push_back(range);
  }
  if (!JsonMember(ipam, "subnet").is_null()) {
    TRY_ASSIGN(AddressRange range, ParseRange(ipam));
    local.ranges_.push_back(range);
  }
  if (local.ranges_.empty()) return InvalidArgument("ipam: neither subnet nor ranges");
  return local;
}

Result<Lease> HostLocal::AllocateIn(const AddressRange& range, size_t index,
                                    const std::string& content) const {
  std::string last_file = directory_ + "/last_reserved_ip." + std::to_string(index);
  IpAddress next = range.first;
  auto last = ReadFile(last_file, 64);
  if (last.has_value()) {
    auto parsed = ParseIpAddress(std::string(Trim(*last)));
    // Going on after the last one gives an address a rest before it is used again.
    if (parsed.has_value() && parsed->v6 == range.subnet.v6) {
      next = *parsed;
      Increment(next);
    }
  }
  if (Compare(next, range.first) < 0 || Compare(next, range.last) > 0) next = range.first;
  IpAddress begin = next;
  do {
    next.prefix = range.subnet.prefix;
    if (Compare(next, range.gateway) != 0) {
      auto file = Open(directory_ + "/" + next.Text(), O_WRONLY | O_CREAT | O_EXCL, 0644);
      if (file.has_value()) {
        TRY(WriteAll(file->get(), content));
        auto marked = Open(last_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (marked.has_value())
          (void)WriteAll(marked->get(), next.Text());  // only a hint where to go on
        return Lease{next, range.gateway};
      }
      if (file.error().sys_errno() != EEXIST) return std::move(file).error();
    }
    Increment(next);
    if (Compare(next, range.last) > 0) next = range.first;
  } while (Compare(next, begin) != 0);
  return ResourceExhausted("no free address in " + range.subnet.WithPrefix());
}

Result<std::vector<Lease>> HostLocal::Allocate(const std::string& pod_id,
                                               const std::string& interface_name) const {
  TRY(MakeDirs(directory_));
  std::vector<Lease> leases;
  for (size_t i = 0; i < ranges_.size(); ++i) {
    auto lease = AllocateIn(ranges_[i], i, pod_id + "\r\n" + interface_name);
    if (!lease.has_value()) {
      (void)Release(pod_id);  // the first error is the one to tell
      return std::move(lease).error();
    }
    leases.push_back(*lease);
  }
  return leases;
}

Result<> HostLocal::Release(const std::string& pod_id) const {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    std::string path = entry.path().string();
    std::string content = ReadFile(path, 4096).value_or("");
    if (content.substr(0, content.find_first_of("\r\n")) == pod_id) TRY(RemoveFile(path));
  }
  return Ok();
}

}  // namespace onggi
