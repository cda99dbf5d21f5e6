#include "runtime/monitor/input_pump.h"

#include <fcntl.h>
#include <unistd.h>

namespace onggi {
namespace {

constexpr size_t kChunk = 4096;  // a pipe that is writable takes so much at once

}  // namespace

InputPump::~InputPump() {
  loop_->Unwatch(source_.get());
  loop_->Unwatch(sink_.get());
}

Result<> InputPump::Start() {
  if (fcntl(source_.get(), F_SETFL, O_NONBLOCK) != 0) return SysError("fcntl(F_SETFL)");
  // The sink is watched from the start for its reader's end.
  TRY(loop_->Watch(sink_.get(), 0, [this](uint32_t) { WriteSome(); }));
  return loop_->Watch(source_.get(), EPOLLIN, [this](uint32_t) { ReadSome(); });
}

void InputPump::End() {
  auto ended = std::move(ended_);
  ended();  // may destroy this
}

void InputPump::ReadSome() {
  char chunk[kChunk];
  ssize_t n = read(source_.get(), chunk, sizeof chunk);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return End();
  pending_.assign(chunk, static_cast<size_t>(n));
  loop_->Unwatch(source_.get());
  WriteSome();
}

void InputPump::WriteSome() {
  if (pending_.empty()) return End();  // an event without a reason to write: the reader has gone
  ssize_t n = write(sink_.get(), pending_.data(), pending_.size());
  if (n < 0 && errno != EAGAIN && errno != EINTR) return End();
  if (n > 0) pending_.erase(0, static_cast<size_t>(n));
  bool ok = loop_->Change(sink_.get(), pending_.empty() ? 0U : EPOLLOUT).has_value();
  if (ok && pending_.empty()) {
    ok = loop_->Watch(source_.get(), EPOLLIN, [this](uint32_t) { ReadSome(); }).has_value();
  }
  if (!ok) End();
}

}  // namespace onggi
