// The level that "log.level" names. Thread-safety: free function.
#pragma once

#include <string_view>

#include "base/log.h"

namespace onggi {

inline LogLevel LogLevelOf(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

}  // namespace onggi
