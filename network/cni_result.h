// The CNI result: what a plugin's program wrote is checked here before anything uses it.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "network/ip_address.h"
#include "network/network.h"

namespace onggi {

inline constexpr size_t kMaxCniOutput = 1 << 20;

// InvalidArgument naming the member that is wrong: addresses, routes, gateways that are none,
// interface names that can't be, lists out of bounds, anything over kMaxCniOutput.
Result<Json> ParseCniResult(std::string_view text);

// The addresses inside the pod: those of an interface with a sandbox, or of no interface.
Result<std::vector<IpAddress>> AddressesOf(const Json& result);

// Internal when there is no address.
Result<PodNetwork> SummarizeCniResult(const Json& result, const std::string& interface_name);

}  // namespace onggi
