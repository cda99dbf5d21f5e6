// WebSocketTransport: the channels of a remote command as WebSocket messages whose first byte is
// the channel number: binary ("", channel.k8s.io, v4., v5.) or base64 with the digit as text.
//
// v5 adds byte 255: "255, N" closes channel N, so that stdin can end before the session does.
// Thread-safety and ownership: as ChannelTransport; takes the stream.
#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "server/stream/byte_stream.h"
#include "server/stream/channel_transport.h"
#include "server/stream/http_request.h"
#include "server/stream/websocket_frames.h"

namespace onggi {

class WebSocketTransport : public ChannelTransport {
 public:
  // Answers the upgrade with the first subprotocol of SUPPORTED that the client offers ("" fits a
  // client that offers none). InvalidArgument after an HTTP error was sent.
  static Result<std::unique_ptr<WebSocketTransport>> Accept(std::unique_ptr<ByteStream> stream,
                                                            const HttpRequest& request);

  std::optional<ChannelMessage> Receive() override;
  bool Send(Channel channel, std::string_view data) override;
  void CloseChannel(Channel channel) override;
  void Finish() override;
  void Abort() override { stream_->Abort(); }
  bool sends_json_status() const override { return version_ >= 4; }

  const std::string& protocol() const { return protocol_; }
  // For port-forward, whose channels are numbered beyond the five names.
  std::optional<std::string> ReceiveMessage();
  bool SendMessage(std::string_view payload);

 private:
  WebSocketTransport(std::unique_ptr<ByteStream> stream, std::string protocol);
  bool SendFrame(WebSocketOpcode opcode, std::string_view payload);
  // nullopt when it was answered here (ping) and there is more to read.
  bool HandleControl(const WebSocketFrame& frame);

  std::unique_ptr<ByteStream> stream_;
  std::string protocol_;
  int version_ = 1;
  bool base64_ = false;
  Mutex write_mutex_;
  bool close_sent_ GUARDED_BY(write_mutex_) = false;
};

// Whether REQUEST asks for a WebSocket.
bool IsWebSocketUpgrade(const HttpRequest& request);

}  // namespace onggi
