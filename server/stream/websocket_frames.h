// WebSocket framing (RFC 6455), the server's side: masked frames in, unmasked frames out.
//
// Written here because a session reads and writes from two threads at once, which Beast's stream
// does not allow. Limits: 4 MiB a message. Thread-safety: a reader and a writer are independent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/stream/byte_stream.h"

namespace onggi {

inline constexpr size_t kMaxWebSocketMessage = 4 << 20;

enum class WebSocketOpcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

struct WebSocketFrame {
  bool final = true;
  WebSocketOpcode opcode = WebSocketOpcode::kBinary;
  std::string payload;
};

// InvalidArgument for what the RFC forbids (no mask, reserved bits, long control frames).
Result<WebSocketFrame> ReadWebSocketFrame(ByteStream& stream);
std::string EncodeWebSocketFrame(WebSocketOpcode opcode, std::string_view payload);

// The Sec-WebSocket-Accept for the client's key.
std::string WebSocketAccept(std::string_view key);

std::string EncodeBase64(std::string_view bytes);
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace onggi
