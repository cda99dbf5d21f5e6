// SpdyTransport: the channels of a remote command as SPDY streams, each opened by the client with a
// header "streamtype" of error, stdin, stdout, stderr or resize (v1 to v4 of channel.k8s.io).
//
// Thread-safety and ownership: as ChannelTransport; takes the stream.
#pragma once

#include <map>
#include <memory>

#include "server/stream/channel_transport.h"
#include "server/stream/http_request.h"
#include "server/stream/spdy_connection.h"

namespace onggi {

class SpdyTransport : public ChannelTransport {
 public:
  // Answers the upgrade, then waits (at most 30 s) until the client opened every stream of
  // EXPECTED; a terminal's resize stream is expected from version 3 on.
  static Result<std::unique_ptr<SpdyTransport>> Accept(std::unique_ptr<ByteStream> stream,
                                                       const HttpRequest& request,
                                                       std::vector<Channel> expected);

  std::optional<ChannelMessage> Receive() override;
  bool Send(Channel channel, std::string_view data) override;
  void CloseChannel(Channel channel) override;
  void Finish() override { connection_.Finish(); }
  void Abort() override { connection_.Abort(); }
  bool sends_json_status() const override { return version_ >= 4; }

 private:
  SpdyTransport(std::unique_ptr<ByteStream> stream, int version)
      : connection_(std::move(stream)), version_(version) {}
  Result<> AwaitStreams(std::vector<Channel> expected);
  // Remembers and accepts a stream; false when it is none of ours.
  bool Open(const SpdyEvent& event);

  SpdyConnection connection_;
  int version_;
  std::map<Channel, uint32_t> streams_;  // constant after Accept
  std::map<uint32_t, Channel> channels_;
};

bool IsSpdyUpgrade(const HttpRequest& request);
// Answers a SPDY upgrade with PROTOCOL as X-Stream-Protocol-Version (left out when empty).
Result<> AnswerSpdyUpgrade(ByteStream& stream, const std::string& protocol);

}  // namespace onggi
