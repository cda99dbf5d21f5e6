#include "server/api/stream_pump.h"

#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_io.h"

namespace onggi {
namespace {

constexpr size_t kBlock = 32 << 10;
constexpr int kPollPeriodMs = 50;
constexpr int64_t kCloseTimeNs = 5'000'000'000;

}  // namespace

StreamPump::StreamPump(ContainerApi::Stream& stream, StreamFds fds)
    : stream_(stream), fds_(std::move(fds)) {}

StreamPump::~StreamPump() {
  if (input_.joinable()) input_.join();
}

bool StreamPump::Send(const v1::Output& output) {
  MutexLock lock(write_mutex_);
  return stream_.Write(output);
}

void StreamPump::StartInput(Handlers handlers) {
  handlers_ = std::move(handlers);
  input_ = std::thread([this] { ReadInput(); });
}

void StreamPump::ReadInput() {
  v1::Input message;
  bool closed = false;
  while (stream_.Read(&message)) {
    if (message.has_data() && fds_.in.valid() && !closed) {
      // A process that closed its input takes nothing more; that is its right.
      if (!WriteAll(fds_.in.get(), message.data()).has_value()) closed = true;
    } else if (message.has_eof()) {
      fds_.in.reset();
    } else if (message.has_resize() && handlers_.on_resize) {
      handlers_.on_resize(static_cast<uint16_t>(message.resize().width()),
                          static_cast<uint16_t>(message.resize().height()));
    } else if (message.has_signal() && handlers_.on_signal) {
      handlers_.on_signal(message.signal());
    }
  }
  input_ended_.store(true);
  if (handlers_.on_gone) handlers_.on_gone();
}

void StreamPump::AwaitClose(grpc::ServerContext* context) {
  int64_t end = MonotonicNanos() + kCloseTimeNs;
  while (!input_ended_.load() && MonotonicNanos() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (!input_ended_.load()) context->TryCancel();
}

bool StreamPump::Forward(const UniqueFd& fd, bool is_stderr) {
  char buffer[kBlock];
  ssize_t n = read(fd.get(), buffer, sizeof buffer);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (n <= 0) return false;  // EIO is a terminal's way to say that everyone has closed it
  v1::Output output;
  (is_stderr ? output.mutable_err() : output.mutable_out())->assign(buffer, static_cast<size_t>(n));
  return Send(output);
}

void StreamPump::SendOutput(const std::atomic<bool>& stop) {
  while (fds_.out.valid() || fds_.err.valid()) {
    pollfd polled[2] = {{fds_.out.get(), POLLIN, 0}, {fds_.err.get(), POLLIN, 0}};
    int ready = poll(polled, 2, kPollPeriodMs);
    if (ready == 0 && stop.load()) return;  // a grandchild may hold the pipe open for ever
    if (ready <= 0) continue;
    if (polled[0].revents != 0 && !Forward(fds_.out, false)) fds_.out.reset();
    if (polled[1].revents != 0 && !Forward(fds_.err, true)) fds_.err.reset();
  }
}

}  // namespace onggi
