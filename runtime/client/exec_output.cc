#include "runtime/client/exec_output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"

namespace onggi {
namespace {

constexpr size_t kChunk = 32 << 10;
constexpr size_t kAnswerLimit = 64 << 10;
// Twice what a pipe holds: more is not left by a command that has ended.
constexpr int kDrainReads = 2 * (64 << 10) / kChunk;

int PollTimeout(std::optional<int64_t> deadline) {
  if (!deadline) return -1;
  int64_t left = (*deadline - MonotonicNanos()) / 1'000'000 + 1;
  return static_cast<int>(std::clamp<int64_t>(left, 0, 1 << 30));
}

}  // namespace

bool OutputCollector::Take(int fd, std::string& to, size_t limit) const {
  char chunk[kChunk];
  ssize_t n = read(fd, chunk, sizeof chunk);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  to.append(chunk, std::min(static_cast<size_t>(n), limit - std::min(limit, to.size())));
  return true;
}

Result<std::string> OutputCollector::Collect(Pipes pipes,
                                             std::optional<std::chrono::milliseconds> patience) {
  std::optional<int64_t> deadline;
  if (patience) deadline = MonotonicNanos() + Nanos(*patience).count();
  std::string answer;
  pollfd polled[3] = {
      {pipes.out.get(), POLLIN, 0}, {pipes.err.get(), POLLIN, 0}, {pipes.answer.get(), POLLIN, 0}};
  std::string* sinks[3] = {&out, &err, &answer};
  for (const pollfd& entry : polled) {
    if (fcntl(entry.fd, F_SETFL, O_NONBLOCK) != 0) return SysError("fcntl(F_SETFL)");
  }
  while (polled[2].fd >= 0) {
    int ready = poll(polled, 3, PollTimeout(deadline));
    if (ready < 0 && errno != EINTR) return SysError("poll");
    if (ready == 0) return DeadlineExceeded("the pod's monitor does not answer");
    for (int i = 0; i < 3; ++i) {
      if (ready <= 0 || polled[i].revents == 0) continue;
      if (!Take(polled[i].fd, *sinks[i], i == 2 ? kAnswerLimit : limit_)) polled[i].fd = -1;
    }
  }
  for (int i = 0; i < 2; ++i) {
    for (int reads = 0; polled[i].fd >= 0 && reads < kDrainReads; ++reads) {
      if (!Take(polled[i].fd, *sinks[i], limit_)) polled[i].fd = -1;
    }
  }
  return answer;
}

}  // namespace onggi
