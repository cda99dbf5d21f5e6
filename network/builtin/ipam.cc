#include <cstring>

#include "network/builtin/host_local.h"

namespace onggi {
namespace {

constexpr size_t kMaxRanges = 64;
constexpr size_t kMaxRoutes = 256;

// KEY of OBJECT as an address inside the subnet of OUT.
Result<> TakeAddress(const Json& object, const char* key, const IpAddress& subnet, IpAddress& out) {
  TRY_ASSIGN(std::string text, JsonString(object, key));
  if (text.empty()) return Ok();
  auto parsed = ParseIpAddress(text);
  if (!parsed.has_value()) return std::move(parsed).error().Wrap(std::string("ipam ") + key);
  if (!subnet.Contains(*parsed))
    return InvalidArgument("ipam " + std::string(key) + " " + text + " is not in " +
                           subnet.WithPrefix());
  memcpy(out.bytes, parsed->bytes, sizeof out.bytes);
  return Ok();
}

Result<AddressRange> ParseRange(const Json& object) {
  TRY_ASSIGN(std::string text, JsonString(object, "subnet"));
  auto parsed = ParseIpAddress(text);
  if (!parsed.has_value()) return std::move(parsed).error().Wrap("ipam subnet");
  AddressRange range;
  range.subnet = parsed->First();
  if (range.subnet.prefix > static_cast<int>(range.subnet.size() * 8) - 2) {
    return InvalidArgument("ipam subnet " + text + " is too small");
  }
  range.gateway = range.subnet.Next();
  range.first = range.gateway;
  range.last = range.subnet.Last();
  if (!range.subnet.v6) --range.last.bytes[3];  // the broadcast address
  TRY(TakeAddress(object, "gateway", range.subnet, range.gateway));
  TRY(TakeAddress(object, "rangeStart", range.subnet, range.first));
  TRY(TakeAddress(object, "rangeEnd", range.subnet, range.last));
  if (range.first.Compare(range.last) > 0) {
    return InvalidArgument("ipam rangeStart " + range.first.Text() + " is after rangeEnd " +
                           range.last.Text());
  }
  return range;
}

Result<RangeSet> ParseSet(const Json& json) {
  if (!json.is_array() || json.empty() || json.size() > kMaxRanges)
    return InvalidArgument("ipam ranges: expected lists of ranges");
  RangeSet set;
  for (const Json& item : json) {
    TRY_ASSIGN(AddressRange range, ParseRange(item));
    if (!set.empty() && set.front().subnet.v6 != range.subnet.v6)
      return InvalidArgument("ipam ranges: IPv4 and IPv6 in one list");
    set.push_back(range);
  }
  return set;
}

}  // namespace

Result<Ipam> ParseIpam(const Json& json) {
  Ipam ipam;
  TRY_ASSIGN(ipam.data_dir, JsonString(json, "dataDir"));
  TRY_ASSIGN(Json sets, JsonArray(json, "ranges"));
  if (sets.size() > kMaxRanges) return InvalidArgument("ipam ranges: too many");
  // As host-local does: the plain form comes first.
  if (!JsonMember(json, "subnet").is_null()) {
    TRY_ASSIGN(AddressRange range, ParseRange(json));
    ipam.sets.push_back({range});
  }
  for (const Json& item : sets) {
    TRY_ASSIGN(RangeSet set, ParseSet(item));
    ipam.sets.push_back(std::move(set));
  }
  if (ipam.sets.empty()) return InvalidArgument("ipam: neither subnet nor ranges");
  TRY_ASSIGN(Json routes, JsonArray(json, "routes"));
  if (routes.size() > kMaxRoutes) return InvalidArgument("ipam routes: too many");
  for (const Json& item : routes) {
    Ipam::Route route;
    TRY_ASSIGN(route.destination, JsonString(item, "dst"));
    TRY_ASSIGN(route.gateway, JsonString(item, "gw"));
    TRY(ParseIpAddress(route.destination).Wrap("ipam routes"));
    if (!route.gateway.empty()) TRY(ParseIpAddress(route.gateway).Wrap("ipam routes"));
    ipam.routes.push_back(std::move(route));
  }
  return ipam;
}

}  // namespace onggi
