// SpdyConnection: SPDY/3.1 on an upgraded connection, the server's side, as kubectl and crictl
// speak it.
//
// Frames come one at a time from Next(); what concerns the connection alone (PING, SETTINGS,
// GOAWAY, WINDOW_UPDATE) is dealt with inside. What we receive is acknowledged with WINDOW_UPDATE
// at once; the peer's windows are not waited for, as Kubernetes' clients never open theirs.
//
// Thread-safety: one thread calls Next; any thread sends. Ownership: takes the stream.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "server/stream/byte_stream.h"
#include "server/stream/spdy_headers.h"

namespace onggi {

inline constexpr size_t kMaxSpdyFrame = 1 << 20;

struct SpdyEvent {
  enum class Kind { kOpened, kData, kReset };
  Kind kind = Kind::kData;
  uint32_t stream = 0;
  SpdyHeaders headers;  // kOpened
  std::string data;     // kData
  bool last = false;    // FIN: the client sends no more on this stream
};

class SpdyConnection {
 public:
  explicit SpdyConnection(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

  // nullopt when the connection is over or the peer broke the protocol.
  std::optional<SpdyEvent> Next();
  // Accepts a stream that the client opened.
  bool Reply(uint32_t stream);
  // FIN when LAST. False when the peer is gone.
  bool SendData(uint32_t stream, std::string_view data, bool last);
  bool Reset(uint32_t stream);
  void Finish();
  void Abort() { stream_->Abort(); }

 private:
  struct Frame {
    bool control = false;
    uint16_t type = 0;
    uint32_t stream = 0;  // of a data frame
    uint8_t flags = 0;
    std::string payload;
  };
  Result<Frame> ReadFrame();
  // An event of a control frame, or nullopt when it was dealt with.
  Result<std::optional<SpdyEvent>> HandleControl(const Frame& frame);
  bool SendControl(uint16_t type, std::string_view payload);
  bool Write(std::string_view bytes);

  std::unique_ptr<ByteStream> stream_;
  SpdyHeaderReader header_reader_;
  Mutex write_mutex_;
  SpdyHeaderWriter header_writer_ GUARDED_BY(write_mutex_);
};

}  // namespace onggi
