#include "image/layer/tar_header.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace onggi {
namespace {

struct Field {
  size_t offset;
  size_t size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12},
    kMtime{136, 12}, kChecksum{148, 8}, kLinkName{157, 100}, kMagic{257, 6}, kMajor{329, 8},
    kMinor{337, 8}, kPrefix{345, 155}, kStarPrefix{345, 131}, kStarMagic{508, 4};
constexpr size_t kTypeOffset = 156;

std::string_view Get(std::string_view block, Field field) {
  return block.substr(field.offset, field.size);
}

Result<int64_t> Number(std::string_view block, Field field, std::string_view name) {
  return ParseTarNumber(Get(block, field)).Wrap("tar header: " + std::string(name));
}

Result<> CheckSum(std::string_view block) {
  TRY_ASSIGN(int64_t stored, Number(block, kChecksum, "checksum"));
  // Old writers summed signed bytes; the field itself counts as blanks.
  int64_t as_unsigned = 0;
  int64_t as_signed = 0;
  for (size_t i = 0; i < kTarBlock; ++i) {
    bool own = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    char byte = own ? ' ' : block[i];
    as_unsigned += static_cast<unsigned char>(byte);
    as_signed += static_cast<signed char>(byte);
  }
  if (stored == as_unsigned || stored == as_signed) return Ok();
  return Error(Code::kDataLoss, "tar header: checksum mismatch");
}

Result<uint32_t> Device(std::string_view block, Field field, std::string_view name) {
  TRY_ASSIGN(int64_t value, Number(block, field, name));
  if (value < 0 || value > UINT32_MAX) return InvalidArgument("tar header: device number");
  return static_cast<uint32_t>(value);
}

Result<int64_t> ParseBase256(std::string_view field) {
  // Two's complement, big-endian; the first bit is only the mark.
  bool negative = (field[0] & 0x40) != 0;
  uint64_t value = negative ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < field.size(); ++i) {
    auto byte = static_cast<unsigned char>(field[i]);
    if (i == 0) byte = negative ? byte | 0x80 : byte & 0x3f;
    // What is shifted out may only be sign.
    auto top = static_cast<int64_t>(value) >> 55;
    if (top != 0 && top != -1) return InvalidArgument("number too large");
    value = value << 8 | byte;
  }
  return static_cast<int64_t>(value);
}

void Put(std::string& block, Field field, std::string_view text) {
  memcpy(block.data() + field.offset, text.data(), std::min(text.size(), field.size));
}

void PutOctal(std::string& block, Field field, uint64_t value) {
  size_t digits = field.size - 1;
  if (value >> (3 * digits) != 0) value = 0;
  std::string text(digits, '0');
  for (size_t i = digits; value != 0; value >>= 3) text[--i] = static_cast<char>('0' + (value & 7));
  Put(block, field, text);
}

}  // namespace

bool IsZeroBlock(std::string_view block) {
  return block[0] == '\0' && memcmp(block.data(), block.data() + 1, block.size() - 1) == 0;
}

std::string_view TarText(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

Result<int64_t> ParseTarNumber(std::string_view field) {
  if ((field[0] & 0x80) != 0) return ParseBase256(field);
  size_t at = 0;
  while (at < field.size() && field[at] == ' ') ++at;
  int64_t value = 0;
  for (; at < field.size() && field[at] >= '0' && field[at] <= '7'; ++at) {
    value = value * 8 + (field[at] - '0');  // 12 digits at most: no overflow
  }
  for (; at < field.size(); ++at) {
    if (field[at] != ' ' && field[at] != '\0') return InvalidArgument("not an octal number");
  }
  return value;
}

Result<TarHeader> ParseTarHeader(std::string_view block) {
  CHECK(block.size() == kTarBlock);
  TRY(CheckSum(block));
  TarHeader header;
  header.type = block[kTypeOffset] == '\0' ? '0' : block[kTypeOffset];
  std::string_view name = TarText(Get(block, kName));
  bool posix = Get(block, kMagic) == std::string_view("ustar\0", 6);
  if (posix) {
    bool star = Get(block, kStarMagic) == std::string_view("tar\0", 4);
    std::string_view prefix = TarText(Get(block, star ? kStarPrefix : kPrefix));
    if (!prefix.empty()) header.name.assign(prefix).append("/");
  }
  header.name.append(name);
  header.link_name = TarText(Get(block, kLinkName));
  TRY_ASSIGN(int64_t mode, Number(block, kMode, "mode"));
  header.mode = static_cast<uint32_t>(mode) & 07777;
  TRY_ASSIGN(header.uid, Number(block, kUid, "uid"));
  TRY_ASSIGN(header.gid, Number(block, kGid, "gid"));
  TRY_ASSIGN(int64_t size, Number(block, kSize, "size"));
  if (size < 0 || static_cast<uint64_t>(size) > kMaxTarSize) {
    return InvalidArgument("tar header: size out of range");
  }
  header.size = static_cast<uint64_t>(size);
  TRY_ASSIGN(header.mtime_s, Number(block, kMtime, "mtime"));
  if (header.type == '3' || header.type == '4') {
    TRY_ASSIGN(header.device_major, Device(block, kMajor, "device major"));
    TRY_ASSIGN(header.device_minor, Device(block, kMinor, "device minor"));
  }
  return header;
}

Result<int64_t> ParseTarTime(std::string_view text) {
  constexpr int64_t kNano = 1'000'000'000;
  constexpr int64_t kMaxSeconds = INT64_MAX / kNano - 1;
  size_t dot = text.find('.');
  std::string_view whole = text.substr(0, dot);
  bool negative = !whole.empty() && whole[0] == '-';
  std::optional<int64_t> seconds = ParseInt(whole);
  if (!seconds) return InvalidArgument("bad time " + Quote(text.substr(0, 40)));
  int64_t fraction = 0;
  if (dot != std::string_view::npos) {
    int64_t weight = kNano / 10;
    for (char c : text.substr(dot + 1)) {
      if (c < '0' || c > '9') return InvalidArgument("bad time " + Quote(text.substr(0, 40)));
      fraction += (c - '0') * weight;
      weight /= 10;
    }
  }
  int64_t clamped = std::clamp(*seconds, -kMaxSeconds, kMaxSeconds);
  return clamped * kNano + (negative ? -fraction : fraction);
}

std::string FormatTarHeader(const TarHeader& header) {
  std::string block(kTarBlock, '\0');
  Put(block, kName, header.name);
  PutOctal(block, kMode, header.mode);
  PutOctal(block, kUid, static_cast<uint64_t>(header.uid));
  PutOctal(block, kGid, static_cast<uint64_t>(header.gid));
  PutOctal(block, kSize, header.size);
  PutOctal(block, kMtime, header.mtime_s < 0 ? 0 : static_cast<uint64_t>(header.mtime_s));
  block[kTypeOffset] = header.type;
  Put(block, kLinkName, header.link_name);
  Put(block, kMagic, std::string_view("ustar\0", 6));
  Put(block, {263, 2}, "00");
  PutOctal(block, kMajor, header.device_major);
  PutOctal(block, kMinor, header.device_minor);
  Put(block, kChecksum, "        ");
  uint64_t sum = 0;
  for (char c : block) sum += static_cast<unsigned char>(c);
  PutOctal(block, {kChecksum.offset, 7}, sum);
  block[kChecksum.offset + 7] = ' ';
  return block;
}

}  // namespace onggi
