// ChannelTransport: the numbered byte channels of a remote command, whatever carries them: SPDY
// streams or WebSocket messages.
//
// Thread-safety: one thread receives; any thread sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onggi {

enum class Channel : uint8_t { kStdin = 0, kStdout = 1, kStderr = 2, kError = 3, kResize = 4 };

struct ChannelMessage {
  Channel channel = Channel::kStdin;
  std::string data;
  bool closed = false;  // the client sends no more on it
};

class ChannelTransport {
 public:
  virtual ~ChannelTransport() = default;
  // Blocks. nullopt when the client is gone or was idle for too long.
  virtual std::optional<ChannelMessage> Receive() = 0;
  // False when the client is gone.
  virtual bool Send(Channel channel, std::string_view data) = 0;
  // The end of one channel towards the client.
  virtual void CloseChannel(Channel channel) = 0;
  // Ends the connection in good order after what was sent.
  virtual void Finish() = 0;
  // Ends it at once; a blocked Receive returns.
  virtual void Abort() = 0;
  // Whether the error channel carries a Status as JSON (v4 and later) or plain text.
  virtual bool sends_json_status() const = 0;
};

}  // namespace onggi
