#include "server/stream/spdy_headers.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxInflated = 64 << 10;
constexpr uint32_t kMaxPairs = 64;

// Takes a 32-bit big-endian number off the front of TEXT.
Result<uint32_t> TakeNumber(std::string_view& text) {
  if (text.size() < 4) return InvalidArgument("header block is cut short");
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(text[static_cast<size_t>(i)]);
  text.remove_prefix(4);
  return value;
}

Result<std::string> TakeText(std::string_view& text) {
  TRY_ASSIGN(uint32_t length, TakeNumber(text));
  if (length > text.size()) return InvalidArgument("header block is cut short");
  std::string out(text.substr(0, length));
  text.remove_prefix(length);
  return out;
}

void PutNumber(std::string& out, size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

SpdyHeaderReader::SpdyHeaderReader() {
  CHECK(inflateInit(&zlib_) == Z_OK);
}
SpdyHeaderReader::~SpdyHeaderReader() {
  (void)inflateEnd(&zlib_);
}

Result<std::string> SpdyHeaderReader::Inflate(std::string_view block) {
  std::string out;
  zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
  zlib_.avail_in = static_cast<uInt>(block.size());
  while (zlib_.avail_in > 0) {
    size_t used = out.size();
    if (used > kMaxInflated) return InvalidArgument("header block inflates to more than 64 KiB");
    out.resize(used + 4096);
    zlib_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    zlib_.avail_out = 4096;
    int rc = inflate(&zlib_, Z_SYNC_FLUSH);
    if (rc == Z_NEED_DICT) rc = inflateSetDictionary(&zlib_, kSpdyDictionary, kSpdyDictionarySize);
    out.resize(out.size() - zlib_.avail_out);
    if (rc != Z_OK && rc != Z_BUF_ERROR) return InvalidArgument("header block is not zlib's");
    if (rc == Z_BUF_ERROR && zlib_.avail_out > 0) break;
  }
  return out;
}

Result<SpdyHeaders> SpdyHeaderReader::Read(std::string_view block) {
  TRY_ASSIGN(std::string inflated, Inflate(block));
  std::string_view rest = inflated;
  TRY_ASSIGN(uint32_t count, TakeNumber(rest));
  if (count > kMaxPairs || count > rest.size() / 8) return InvalidArgument("too many headers");
  SpdyHeaders headers;
  for (uint32_t i = 0; i < count; ++i) {
    TRY_ASSIGN(std::string name, TakeText(rest));
    TRY_ASSIGN(std::string value, TakeText(rest));
    headers.emplace(ToLower(name), std::move(value));
  }
  return headers;
}

SpdyHeaderWriter::SpdyHeaderWriter() {
  CHECK(deflateInit(&zlib_, Z_BEST_SPEED) == Z_OK);
  CHECK(deflateSetDictionary(&zlib_, kSpdyDictionary, kSpdyDictionarySize) == Z_OK);
}
SpdyHeaderWriter::~SpdyHeaderWriter() {
  (void)deflateEnd(&zlib_);
}

std::string SpdyHeaderWriter::Write(const SpdyHeaders& headers) {
  std::string plain;
  PutNumber(plain, headers.size());
  for (const auto& [name, value] : headers) {
    PutNumber(plain, name.size());
    plain += name;
    PutNumber(plain, value.size());
    plain += value;
  }
  std::string out(plain.size() + 1024, '\0');
  zlib_.next_in = reinterpret_cast<Bytef*>(plain.data());
  zlib_.avail_in = static_cast<uInt>(plain.size());
  zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib_.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&zlib_, Z_SYNC_FLUSH) == Z_OK);
  out.resize(out.size() - zlib_.avail_out);
  return out;
}

}  // namespace onggi
