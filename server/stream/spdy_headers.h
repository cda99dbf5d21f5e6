// Header blocks of SPDY/3.1: name-value pairs, zlib-compressed over the whole connection with a
// preset dictionary.
//
// Limits against bombs (CVE-2026-35469): 64 pairs, 64 KiB when inflated; counts are checked against
// what is there before anything is allocated. Thread-safety: one direction, one thread.
#pragma once

#include <zlib.h>

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

inline constexpr size_t kSpdyDictionarySize = 1423;
extern const unsigned char kSpdyDictionary[kSpdyDictionarySize];

using SpdyHeaders = std::map<std::string, std::string>;  // names in lower case

class SpdyHeaderReader {
 public:
  SpdyHeaderReader();
  ~SpdyHeaderReader();
  SpdyHeaderReader(const SpdyHeaderReader&) = delete;
  SpdyHeaderReader& operator=(const SpdyHeaderReader&) = delete;
  Result<SpdyHeaders> Read(std::string_view block);

 private:
  Result<std::string> Inflate(std::string_view block);
  z_stream zlib_{};
};

class SpdyHeaderWriter {
 public:
  SpdyHeaderWriter();
  ~SpdyHeaderWriter();
  SpdyHeaderWriter(const SpdyHeaderWriter&) = delete;
  SpdyHeaderWriter& operator=(const SpdyHeaderWriter&) = delete;
  std::string Write(const SpdyHeaders& headers);

 private:
  z_stream zlib_{};
};

}  // namespace onggi
