#include "server/stream/websocket_frames.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace onggi {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

bool IsControl(WebSocketOpcode opcode) {
  return static_cast<uint8_t>(opcode) >= 8;
}

// The payload length after the two first bytes: 7, 16 or 64 bits.
Result<uint64_t> ReadLength(ByteStream& stream, uint8_t first) {
  int bytes = first == 127 ? 8 : first == 126 ? 2 : 0;
  if (bytes == 0) return uint64_t{first};
  unsigned char raw[8];
  TRY(stream.ReadExactly(reinterpret_cast<char*>(raw), static_cast<size_t>(bytes)));
  uint64_t length = 0;
  for (int i = 0; i < bytes; ++i) length = length << 8 | raw[i];
  return length;
}

}  // namespace

Result<WebSocketFrame> ReadWebSocketFrame(ByteStream& stream) {
  unsigned char head[2];
  TRY(stream.ReadExactly(reinterpret_cast<char*>(head), sizeof head));
  WebSocketFrame frame;
  frame.final = (head[0] & 0x80) != 0;
  frame.opcode = static_cast<WebSocketOpcode>(head[0] & 0x0f);
  if ((head[0] & 0x70) != 0) return InvalidArgument("reserved bits are set");
  if ((head[1] & 0x80) == 0) return InvalidArgument("a client's frame is not masked");
  TRY_ASSIGN(uint64_t length, ReadLength(stream, head[1] & 0x7f));
  if (IsControl(frame.opcode) && (length > 125 || !frame.final)) {
    return InvalidArgument("a control frame is long or in parts");
  }
  if (length > kMaxWebSocketMessage) {
    return InvalidArgument("a frame of " + std::to_string(length) + " bytes");
  }
  unsigned char mask[4];
  TRY(stream.ReadExactly(reinterpret_cast<char*>(mask), sizeof mask));
  frame.payload.resize(length);
  TRY(stream.ReadExactly(frame.payload.data(), length));
  for (size_t i = 0; i < frame.payload.size(); ++i) {
    frame.payload[i] =
        static_cast<char>(static_cast<unsigned char>(frame.payload[i]) ^ mask[i & 3]);
  }
  return frame;
}

std::string EncodeWebSocketFrame(WebSocketOpcode opcode, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 10);
  out += static_cast<char>(0x80 | static_cast<uint8_t>(opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    int bytes = payload.size() < 65536 ? 2 : 8;
    out += static_cast<char>(bytes == 2 ? 126 : 127);
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(payload.size() >> (8 * i) & 0xff);
  }
  return out.append(payload);
}

std::string WebSocketAccept(std::string_view key) {
  std::string text = std::string(key).append(kGuid);
  unsigned char digest[SHA_DIGEST_LENGTH];
  (void)SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             digest);  // answers digest
  return EncodeBase64({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::string EncodeBase64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  // EVP_EncodeBlock writes a NUL behind the text, which std::string has room for.
  (void)EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()),
                        static_cast<int>(bytes.size()));
  return out;
}

Result<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return InvalidArgument("not base64");
  std::string out(text.size() / 4 * 3, '\0');
  if (text.empty()) return out;
  int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                          reinterpret_cast<const unsigned char*>(text.data()),
                          static_cast<int>(text.size()));
  if (n < 0) return InvalidArgument("not base64");
  // EVP_DecodeBlock counts padding as zero bytes.
  size_t padding = text.size() - text.substr(0, text.find_last_not_of('=') + 1).size();
  if (padding > 2) return InvalidArgument("not base64");
  out.resize(static_cast<size_t>(n) - padding);
  return out;
}

}  // namespace onggi
