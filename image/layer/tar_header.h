// The 512-byte header block of tar (v7, ustar, GNU, star), decoded and checked; no state.
//
// Thread-safety: pure functions. InvalidArgument says which field is bad.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi {

inline constexpr size_t kTarBlock = 512;
inline constexpr uint64_t kMaxTarSize = uint64_t{1} << 60;

struct TarHeader {
  char type = '0';
  std::string name;  // with the ustar prefix
  std::string link_name;
  uint32_t mode = 0;
  int64_t uid = 0;
  int64_t gid = 0;
  uint64_t size = 0;  // of the data that follows
  int64_t mtime_s = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
};

bool IsZeroBlock(std::string_view block);
Result<TarHeader> ParseTarHeader(std::string_view block);

// A number field: octal text, or base 256 when the first bit is set.
Result<int64_t> ParseTarNumber(std::string_view field);
// The text of a fixed field, up to its NUL.
std::string_view TarText(std::string_view field);

// Decimal seconds with an optional sign and fraction, as nanoseconds; clamped to what fits.
Result<int64_t> ParseTarTime(std::string_view text);

// Writes a ustar header. Numbers that do not fit in octal must have been put into a pax record
// before: here they are stored as 0.
std::string FormatTarHeader(const TarHeader& header);

}  // namespace onggi
