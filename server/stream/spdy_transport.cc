#include "server/stream/spdy_transport.h"

#include <algorithm>

namespace onggi {
namespace {

struct Version {
  std::string_view name;
  int number;
};
// In the order in which they are preferred. A client that names none speaks version 1.
constexpr Version kVersions[] = {{"v4.channel.k8s.io", 4},
                                 {"v3.channel.k8s.io", 3},
                                 {"v2.channel.k8s.io", 2},
                                 {"channel.k8s.io", 1}};

struct StreamType {
  std::string_view name;
  Channel channel;
};
constexpr StreamType kStreamTypes[] = {{"stdin", Channel::kStdin},
                                       {"stdout", Channel::kStdout},
                                       {"stderr", Channel::kStderr},
                                       {"error", Channel::kError},
                                       {"resize", Channel::kResize}};

constexpr std::chrono::seconds kCreationTimeout{30};
constexpr std::chrono::hours kIdleTimeout{4};

}  // namespace

bool IsSpdyUpgrade(const HttpRequest& request) {
  return request.HasToken("connection", "upgrade") && request.HasToken("upgrade", "spdy/3.1");
}

Result<> AnswerSpdyUpgrade(ByteStream& stream, const std::string& protocol) {
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";
  if (!protocol.empty()) answer += "X-Stream-Protocol-Version: " + protocol + "\r\n";
  return stream.Write(answer + "\r\n");
}

Result<std::unique_ptr<SpdyTransport>> SpdyTransport::Accept(std::unique_ptr<ByteStream> stream,
                                                             const HttpRequest& request,
                                                             std::vector<Channel> expected) {
  std::vector<std::string> offered = request.List("x-stream-protocol-version");
  std::string chosen;
  int version = offered.empty() ? 1 : 0;
  for (const Version& known : kVersions) {
    if (version == 0 && std::find(offered.begin(), offered.end(), known.name) != offered.end()) {
      chosen = known.name;
      version = known.number;
    }
  }
  if (version == 0) {
    TRY(WriteHttpError(*stream, 403, "none of the offered protocol versions is spoken here"));
    return InvalidArgument("no common protocol version");
  }
  if (version < 3)
    expected.erase(std::remove(expected.begin(), expected.end(), Channel::kResize), expected.end());
  stream->SetIdleTimeout(kCreationTimeout);
  TRY(AnswerSpdyUpgrade(*stream, chosen));
  ByteStream* raw = stream.get();
  std::unique_ptr<SpdyTransport> transport(new SpdyTransport(std::move(stream), version));
  TRY(transport->AwaitStreams(std::move(expected)));
  raw->SetIdleTimeout(kIdleTimeout);
  return transport;
}

bool SpdyTransport::Open(const SpdyEvent& event) {
  auto type = event.headers.find("streamtype");
  for (const StreamType& known : kStreamTypes) {
    if (type == event.headers.end() || type->second != known.name) continue;
    streams_[known.channel] = event.stream;
    channels_[event.stream] = known.channel;
    return connection_.Reply(event.stream);
  }
  (void)connection_.Reset(event.stream);  // the peer may be gone
  return false;
}

Result<> SpdyTransport::AwaitStreams(std::vector<Channel> expected) {
  auto complete = [&] {
    return std::all_of(expected.begin(), expected.end(),
                       [&](Channel c) { return streams_.count(c) > 0; });
  };
  while (!complete()) {
    auto event = connection_.Next();
    if (!event) return Unavailable("the client did not open its streams");
    if (event->kind == SpdyEvent::Kind::kOpened && !Open(*event))
      return InvalidArgument("unknown stream type");
  }
  return Ok();
}

std::optional<ChannelMessage> SpdyTransport::Receive() {
  while (true) {
    auto event = connection_.Next();
    if (!event) return std::nullopt;
    if (event->kind == SpdyEvent::Kind::kOpened) {
      (void)connection_.Reset(event->stream);  // all were opened before
      continue;
    }
    auto channel = channels_.find(event->stream);
    if (channel == channels_.end()) continue;
    bool closed = event->last || event->kind == SpdyEvent::Kind::kReset;
    return ChannelMessage{channel->second, std::move(event->data), closed};
  }
}

bool SpdyTransport::Send(Channel channel, std::string_view data) {
  auto stream = streams_.find(channel);
  return stream == streams_.end() || connection_.SendData(stream->second, data, false);
}

void SpdyTransport::CloseChannel(Channel channel) {
  auto stream = streams_.find(channel);
  if (stream != streams_.end())
    (void)connection_.SendData(stream->second, "", true);  // the peer may be gone
}

}  // namespace onggi
