#include "network/cni_result.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxInterfaces = 256;
constexpr size_t kMaxAddresses = 256;
constexpr size_t kMaxRoutes = 4096;
constexpr size_t kMaxNames = 64;
constexpr size_t kMaxText = 4096;

Result<Json> BoundedArray(const Json& object, const char* key, size_t most) {
  TRY_ASSIGN(Json array, JsonArray(object, key));
  if (array.size() > most)
    return InvalidArgument(std::string(key) + ": more than " + std::to_string(most));
  return array;
}

Result<> CheckAddress(const Json& object, const char* key, bool is_needed) {
  TRY_ASSIGN(std::string text, JsonString(object, key));
  if (text.empty() && !is_needed) return Ok();
  return ParseIpAddress(text).has_value()
             ? Ok()
             : Result<>(InvalidArgument(std::string(key) + ": " + Quote(text.substr(0, 64)) +
                                        " is no IP address"));
}

Result<> CheckInterfaces(const Json& interfaces) {
  for (const Json& interface : interfaces) {
    TRY_ASSIGN(std::string name, JsonString(interface, "name"));
    if (name.empty() || name.size() > 15 || name.find_first_of("/ \t\n") != std::string::npos)
      return InvalidArgument("interfaces: " + Quote(name.substr(0, 64)) + " is no name");
    TRY_ASSIGN(std::string mac, JsonString(interface, "mac"));
    TRY_ASSIGN(std::string sandbox, JsonString(interface, "sandbox"));
    if (mac.size() > 64 || sandbox.size() > kMaxText)
      return InvalidArgument("interfaces: mac or sandbox too long");
  }
  return Ok();
}

Result<> CheckAddresses(const Json& ips, size_t interface_count) {
  for (const Json& ip : ips) {
    TRY(CheckAddress(ip, "address", true));
    TRY(CheckAddress(ip, "gateway", false));
    TRY_ASSIGN(int64_t interface, JsonInt(ip, "interface", -1));
    if (interface >= static_cast<int64_t>(interface_count) || interface < -1)
      return InvalidArgument("ips: interface " + std::to_string(interface) + " is not listed");
  }
  return Ok();
}

Result<> CheckDns(const Json& dns) {
  for (const char* key : {"nameservers", "search", "options"}) {
    TRY_ASSIGN(std::vector<std::string> names, JsonStrings(dns, key));
    if (names.size() > kMaxNames) return InvalidArgument(std::string("dns ") + key + ": too many");
    for (const std::string& name : names) {
      if (name.size() > 256 || name.find_first_of("\n\r ") != std::string::npos)
        return InvalidArgument(std::string("dns ") + key + ": " + Quote(name.substr(0, 64)));
    }
  }
  return Ok();
}

}  // namespace

Result<Json> ParseCniResult(std::string_view text) {
  TRY_ASSIGN(Json result, ParseJson(text, {.bytes = kMaxCniOutput, .depth = 32}));
  if (!result.is_object()) return InvalidArgument("expected an object");
  TRY(JsonString(result, "cniVersion"));
  TRY_ASSIGN(Json interfaces, BoundedArray(result, "interfaces", kMaxInterfaces));
  TRY(CheckInterfaces(interfaces));
  TRY_ASSIGN(Json ips, BoundedArray(result, "ips", kMaxAddresses));
  TRY(CheckAddresses(ips, interfaces.size()));
  TRY_ASSIGN(Json routes, BoundedArray(result, "routes", kMaxRoutes));
  for (const Json& route : routes) {
    TRY(CheckAddress(route, "dst", true));
    TRY(CheckAddress(route, "gw", false));
  }
  TRY_ASSIGN(Json dns, JsonObject(result, "dns"));
  TRY(CheckDns(dns));
  return result;
}

Result<std::vector<IpAddress>> AddressesOf(const Json& result) {
  std::vector<IpAddress> out;
  TRY_ASSIGN(Json interfaces, JsonArray(result, "interfaces"));
  TRY_ASSIGN(Json ips, JsonArray(result, "ips"));
  for (const Json& ip : ips) {
    TRY_ASSIGN(int64_t index, JsonInt(ip, "interface", -1));
    if (index >= 0 && static_cast<size_t>(index) < interfaces.size()) {
      const Json& interface = interfaces[static_cast<size_t>(index)];
      bool is_outside = JsonString(interface, "sandbox").value_or("").empty();
      if (is_outside) continue;
    }
    TRY_ASSIGN(std::string text, JsonString(ip, "address"));
    TRY_ASSIGN(IpAddress address, ParseIpAddress(text));
    out.push_back(address);
  }
  return out;
}

Result<PodNetwork> SummarizeCniResult(const Json& result, const std::string& interface_name) {
  PodNetwork network;
  network.interface_name = interface_name;
  network.result_json = DumpJson(result);
  TRY_ASSIGN(std::vector<IpAddress> addresses, AddressesOf(result));
  for (const IpAddress& address : addresses) network.ips.push_back(address.Text());
  if (network.ips.empty()) return Internal("the network gave no address");
  TRY_ASSIGN(network.dns_servers, JsonStrings(JsonMember(result, "dns"), "nameservers"));
  return network;
}

}  // namespace onggi
