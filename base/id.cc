#include "base/id.h"

#include <sys/random.h>

#include "base/check.h"

namespace onggi {

std::string RandomHex(size_t bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes * 2);
  unsigned char buffer[64];
  while (bytes > 0) {
    size_t want = bytes < sizeof buffer ? bytes : sizeof buffer;
    // Requests of up to 256 bytes are never cut short (getrandom(2)).
    CHECK(getrandom(buffer, want, 0) == static_cast<ssize_t>(want));
    for (size_t i = 0; i < want; ++i) {
      out += kDigits[buffer[i] >> 4];
      out += kDigits[buffer[i] & 15];
    }
    bytes -= want;
  }
  return out;
}

bool IsIdPrefix(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace onggi
