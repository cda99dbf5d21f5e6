// A strict reader of the CRI log format: whatever breaks the grammar is an error.
//
// Thread-safety: free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi::testing {

struct CriRecord {
  std::string time;
  std::string stream;
  bool partial = false;
  std::string content;
};

Result<std::vector<CriRecord>> ParseCriLog(std::string_view text);

// What the process wrote to STREAM: contents joined, a newline after each full record.
std::string JoinStream(const std::vector<CriRecord>& records, std::string_view stream);

}  // namespace onggi::testing
