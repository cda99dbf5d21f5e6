#include "runtime/process/reap.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process/channel.h"

namespace onggi {

void Reap(int pidfd) {
  siginfo_t info{};
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) != 0 && errno == EINTR) {
  }
}

void KillAndReap(int pidfd) {
  (void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);  // ended already is as good
  Reap(pidfd);
}

Result<> AwaitExecution(int channel, UniqueFd& master) {
  bool executing = false;
  for (;;) {
    TRY_ASSIGN(ReceivedMessage received, ReceiveMessage(channel));
    if (received.closed) {
      return executing ? Ok() : Internal("the process was killed before it was executed");
    }
    switch (received.message.kind) {
      case MessageKind::kExecuting:
        executing = true;
        break;
      case MessageKind::kTerminal:
        master = std::move(received.fd);
        break;
      case MessageKind::kFailed:
        return ErrorOf(received.message);
      default:
        return Internal("unexpected message from the process");
    }
  }
}

}  // namespace onggi
