#include "server/stream/spdy_connection.h"

namespace onggi {
namespace {

constexpr uint16_t kSynStream = 1;
constexpr uint16_t kSynReply = 2;
constexpr uint16_t kRstStream = 3;
constexpr uint16_t kPing = 6;
constexpr uint16_t kGoAway = 7;
constexpr uint16_t kWindowUpdate = 9;
constexpr uint8_t kFin = 1;
constexpr uint32_t kCancel = 5;  // status of RST_STREAM
constexpr size_t kMaxDataFrame = 32 << 10;

uint32_t Number(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void PutNumber(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

std::string ControlFrame(uint16_t type, std::string_view payload) {
  std::string frame;
  PutNumber(frame, 0x80030000u | type);
  PutNumber(frame, static_cast<uint32_t>(payload.size()));  // no flags
  return frame.append(payload);
}

}  // namespace

Result<SpdyConnection::Frame> SpdyConnection::ReadFrame() {
  char head[8];
  TRY(stream_->ReadExactly(head, sizeof head));
  uint32_t first = Number({head, 8}, 0);
  uint32_t second = Number({head, 8}, 4);
  Frame frame;
  frame.control = (first & 0x80000000u) != 0;
  frame.type = static_cast<uint16_t>(first & 0xffff);
  frame.stream = first & 0x7fffffffu;
  frame.flags = static_cast<uint8_t>(second >> 24);
  if (frame.control && (first >> 16 & 0x7fff) != 3) return InvalidArgument("not SPDY version 3");
  size_t length = second & 0xffffff;
  if (length > kMaxSpdyFrame)
    return InvalidArgument("a frame of " + std::to_string(length) + " bytes");
  frame.payload.resize(length);
  TRY(stream_->ReadExactly(frame.payload.data(), length));
  return frame;
}

Result<std::optional<SpdyEvent>> SpdyConnection::HandleControl(const Frame& frame) {
  std::optional<SpdyEvent> event;
  switch (frame.type) {
    case kSynStream: {
      if (frame.payload.size() < 10) return InvalidArgument("SYN_STREAM is cut short");
      event.emplace();
      event->kind = SpdyEvent::Kind::kOpened;
      event->stream = Number(frame.payload, 0) & 0x7fffffffu;
      event->last = (frame.flags & kFin) != 0;
      TRY_ASSIGN(event->headers, header_reader_.Read(std::string_view(frame.payload).substr(10)));
      break;
    }
    case kRstStream:
      if (frame.payload.size() < 8) return InvalidArgument("RST_STREAM is cut short");
      event.emplace();
      event->kind = SpdyEvent::Kind::kReset;
      event->stream = Number(frame.payload, 0) & 0x7fffffffu;
      break;
    case kPing:
      if (!SendControl(kPing, frame.payload)) return Unavailable("the peer has gone");
      break;
    case kGoAway:
      return Unavailable("the peer goes away");
    default:
      break;  // SETTINGS, HEADERS, WINDOW_UPDATE and unknown ones change nothing here
  }
  return event;
}

std::optional<SpdyEvent> SpdyConnection::Next() {
  while (true) {
    auto frame = ReadFrame();
    if (!frame.has_value()) return std::nullopt;
    if (frame->control) {
      auto event = HandleControl(*frame);
      if (!event.has_value()) return std::nullopt;
      if (event->has_value()) return std::move(**event);
      continue;
    }
    if (!frame->payload.empty()) {
      std::string update;
      PutNumber(update, frame->stream);
      PutNumber(update, static_cast<uint32_t>(frame->payload.size()));
      std::string whole;  // stream 0 is the connection's own window (SPDY/3.1)
      PutNumber(whole, 0);
      PutNumber(whole, static_cast<uint32_t>(frame->payload.size()));
      if (!Write(ControlFrame(kWindowUpdate, update) + ControlFrame(kWindowUpdate, whole)))
        return std::nullopt;
    }
    SpdyEvent event;
    event.stream = frame->stream;
    event.data = std::move(frame->payload);
    event.last = (frame->flags & kFin) != 0;
    return event;
  }
}

bool SpdyConnection::Write(std::string_view bytes) {
  MutexLock lock(write_mutex_);
  return stream_->Write(bytes).has_value();
}

bool SpdyConnection::SendControl(uint16_t type, std::string_view payload) {
  return Write(ControlFrame(type, payload));
}

bool SpdyConnection::Reply(uint32_t stream) {
  MutexLock lock(write_mutex_);
  std::string payload;
  PutNumber(payload, stream);
  payload += header_writer_.Write({});
  return stream_->Write(ControlFrame(kSynReply, payload)).has_value();
}

bool SpdyConnection::SendData(uint32_t stream, std::string_view data, bool last) {
  do {
    std::string_view part = data.substr(0, kMaxDataFrame);
    data.remove_prefix(part.size());
    std::string frame;
    PutNumber(frame, stream);
    PutNumber(frame, static_cast<uint32_t>(part.size()) |
                         (last && data.empty() ? uint32_t{kFin} << 24 : 0));
    if (!Write(frame.append(part))) return false;
  } while (!data.empty());
  return true;
}

bool SpdyConnection::Reset(uint32_t stream) {
  std::string payload;
  PutNumber(payload, stream);
  PutNumber(payload, kCancel);
  return SendControl(kRstStream, payload);
}

void SpdyConnection::Finish() {
  std::string payload;
  PutNumber(payload, 0);
  PutNumber(payload, 0);
  (void)SendControl(kGoAway, payload);  // it may be gone already
  stream_->ShutdownWrite();
}

}  // namespace onggi
