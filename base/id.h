// Identifiers: 64 lower-case hex digits from getrandom(2), the form that crictl and kubelet expect
// of pod sandbox and container ids.
#pragma once

#include <string>
#include <string_view>

namespace onggi {

// BYTES random bytes as 2 * BYTES hex digits. Aborts if the kernel has no entropy source at all.
std::string RandomHex(size_t bytes);

// A new pod sandbox or container id: 64 hex digits.
inline std::string NewId() {
  return RandomHex(32);
}

// True for 1 to 64 lower-case hex digits: what may be looked up as an id or an id prefix.
bool IsIdPrefix(std::string_view text);

}  // namespace onggi
