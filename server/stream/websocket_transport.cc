#include "server/stream/websocket_transport.h"

#include "base/strings.h"

namespace onggi {
namespace {

struct Protocol {
  std::string_view name;
  int version;
  bool base64;
};

// In the order in which they are preferred.
constexpr Protocol kProtocols[] = {
    {"v5.channel.k8s.io", 5, false},       {"v4.channel.k8s.io", 4, false},
    {"v4.base64.channel.k8s.io", 4, true}, {"channel.k8s.io", 1, false},
    {"base64.channel.k8s.io", 1, true},
};
constexpr char kCloseChannel = static_cast<char>(255);

}  // namespace

bool IsWebSocketUpgrade(const HttpRequest& request) {
  return request.HasToken("connection", "upgrade") && request.HasToken("upgrade", "websocket");
}

Result<std::unique_ptr<WebSocketTransport>> WebSocketTransport::Accept(
    std::unique_ptr<ByteStream> stream, const HttpRequest& request) {
  const std::string& key = request.Header("sec-websocket-key");
  if (key.empty() || request.Header("sec-websocket-version") != "13") {
    TRY(WriteHttpError(*stream, 400, "a WebSocket upgrade needs a key and version 13"));
    return InvalidArgument("not a WebSocket upgrade of version 13");
  }
  std::vector<std::string> offered = request.List("sec-websocket-protocol");
  std::string chosen;
  for (const Protocol& protocol : kProtocols) {
    for (const std::string& offer : offered) {
      if (chosen.empty() && offer == protocol.name) chosen = protocol.name;
    }
  }
  if (chosen.empty() && !offered.empty()) {
    TRY(WriteHttpError(*stream, 403, "none of the offered subprotocols is spoken here"));
    return InvalidArgument("no common WebSocket subprotocol");
  }
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      WebSocketAccept(key) + "\r\n";
  if (!chosen.empty()) answer += "Sec-WebSocket-Protocol: " + chosen + "\r\n";
  TRY(stream->Write(answer + "\r\n"));
  return std::unique_ptr<WebSocketTransport>(new WebSocketTransport(std::move(stream), chosen));
}

WebSocketTransport::WebSocketTransport(std::unique_ptr<ByteStream> stream, std::string protocol)
    : stream_(std::move(stream)), protocol_(std::move(protocol)) {
  for (const Protocol& known : kProtocols) {
    if (known.name != protocol_) continue;
    version_ = known.version;
    base64_ = known.base64;
  }
}

bool WebSocketTransport::SendFrame(WebSocketOpcode opcode, std::string_view payload) {
  MutexLock lock(write_mutex_);
  if (close_sent_) return false;
  if (opcode == WebSocketOpcode::kClose) close_sent_ = true;
  return stream_->Write(EncodeWebSocketFrame(opcode, payload)).has_value();
}

bool WebSocketTransport::SendMessage(std::string_view payload) {
  if (!base64_ || payload.empty()) return SendFrame(WebSocketOpcode::kBinary, payload);
  // The channel is a digit of text, what follows is base64.
  std::string text(1, static_cast<char>('0' + payload[0]));
  text += EncodeBase64(payload.substr(1));
  return SendFrame(WebSocketOpcode::kText, text);
}

bool WebSocketTransport::Send(Channel channel, std::string_view data) {
  std::string payload(1, static_cast<char>(channel));
  payload.append(data);
  return SendMessage(payload);
}

void WebSocketTransport::CloseChannel(Channel channel) {
  if (version_ < 5) return;
  const char payload[2] = {kCloseChannel, static_cast<char>(channel)};
  (void)SendFrame(WebSocketOpcode::kBinary, {payload, 2});  // a client that is gone needs no end
}

bool WebSocketTransport::HandleControl(const WebSocketFrame& frame) {
  if (frame.opcode == WebSocketOpcode::kPing)
    return SendFrame(WebSocketOpcode::kPong, frame.payload);
  if (frame.opcode == WebSocketOpcode::kPong) return true;
  (void)SendFrame(WebSocketOpcode::kClose, frame.payload.substr(0, 2));  // it may be gone already
  return false;
}

std::optional<std::string> WebSocketTransport::ReceiveMessage() {
  std::string message;
  while (true) {
    auto frame = ReadWebSocketFrame(*stream_);
    if (!frame.has_value()) return std::nullopt;
    if (static_cast<uint8_t>(frame->opcode) >= 8) {
      if (!HandleControl(*frame)) return std::nullopt;
      continue;
    }
    if (message.size() + frame->payload.size() > kMaxWebSocketMessage) return std::nullopt;
    message += frame->payload;
    if (!frame->final) continue;
    if (!base64_ || message.empty()) return message;
    auto decoded = DecodeBase64(std::string_view(message).substr(1));
    if (!decoded.has_value()) return std::nullopt;
    return static_cast<char>(message[0] - '0') + *decoded;
  }
}

std::optional<ChannelMessage> WebSocketTransport::Receive() {
  while (true) {
    auto message = ReceiveMessage();
    if (!message) return std::nullopt;
    if (message->empty()) continue;
    if (version_ >= 5 && (*message)[0] == kCloseChannel && message->size() == 2) {
      return ChannelMessage{static_cast<Channel>((*message)[1]), "", true};
    }
    return ChannelMessage{static_cast<Channel>((*message)[0]), message->substr(1), false};
  }
}

void WebSocketTransport::Finish() {
  const char normal[2] = {0x03, static_cast<char>(0xe8)};  // 1000
  (void)SendFrame(WebSocketOpcode::kClose, {normal, 2});   // it may be gone already
  stream_->ShutdownWrite();
}

}  // namespace onggi
