#include "runtime/process/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace onggi {
namespace {

// What to say before the detail. Empty where the detail names its object itself ("mount /data").
constexpr const char* kStageNames[] = {"leave the caller",
                                       "join the cgroup",
                                       "enter the namespaces",
                                       "set up the host name",
                                       "",
                                       "make the root file system",
                                       "",
                                       "",
                                       "",
                                       "",
                                       "run hooks",
                                       "enter the root file system",
                                       "wait for start",
                                       "set limits",
                                       "change the user",
                                       "set capabilities",
                                       "",
                                       "load the seccomp filter",
                                       ""};

Error ExecError(int err, const std::string& what) {
  const std::string program = "exec " + what;
  switch (err) {
    case ENOENT:
      return NotFound(program);
    case EACCES:
      return Error(Code::kPermissionDenied, program + ": permission denied", err);
    case ENOEXEC:
      return Error(Code::kInvalidArgument,
                   program +
                       ": exec format error: a program for another architecture, or a script "
                       "without an interpreter line",
                   err);
    default:
      return SysError(program, err);
  }
}

}  // namespace

Result<> SendMessage(int fd, const Message& message, int pass_fd) {
  iovec data{const_cast<Message*>(&message), sizeof(message)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (pass_fd >= 0) {
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &pass_fd, sizeof(int));
  }
  // A message is far below the socket's buffer, so it goes whole.
  if (sendmsg(fd, &header, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof(message))) {
    return SysError("sendmsg(channel)");
  }
  return Ok();
}

Result<ReceivedMessage> ReceiveMessage(int fd) {
  ReceivedMessage received;
  iovec data{&received.message, sizeof(received.message)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof(control);
  ssize_t length = 0;
  do {
    length = recvmsg(fd, &header, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  } while (length < 0 && errno == EINTR);
  if (length < 0 && errno != ECONNRESET) return SysError("recvmsg(channel)");
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); length > 0 && part != nullptr;
       part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    int passed = -1;
    std::memcpy(&passed, CMSG_DATA(part), sizeof(int));
    received.fd.reset(passed);
  }
  if (length != static_cast<ssize_t>(sizeof(received.message))) received.closed = true;
  received.message.detail[sizeof(received.message.detail) - 1] = '\0';
  return received;
}

void SendFailure(int fd, Stage stage, int sys_errno, const char* detail) {
  Message message;
  message.kind = MessageKind::kFailed;
  message.stage = stage;
  message.sys_errno = sys_errno;
  size_t length = 0;
  while (detail[length] != '\0' && length + 1 < sizeof(message.detail)) {
    message.detail[length] = detail[length];
    ++length;
  }
  (void)send(fd, &message, sizeof(message), MSG_NOSIGNAL);  // nobody is left to tell
}

Message FailureOf(Stage stage, const Error& error) {
  Message message;
  message.kind = MessageKind::kFailed;
  message.stage = stage;
  message.sys_errno = error.sys_errno();
  message.code = static_cast<uint32_t>(error.code());
  const size_t length = std::min(error.message().size(), sizeof(message.detail) - 1);
  std::memcpy(message.detail, error.message().data(), length);
  return message;
}

Error ErrorOf(const Message& message) {
  const auto stage = static_cast<size_t>(message.stage);
  if (stage >= std::size(kStageNames)) return Internal("the child sent an unknown message");
  if (message.stage == Stage::kExec && message.code == 0) {
    return ExecError(message.sys_errno, message.detail);
  }
  const std::string name = kStageNames[stage];
  if (message.code == 0) {
    return SysError(name.empty() ? message.detail : name + ": " + message.detail,
                    message.sys_errno);
  }
  Error error(static_cast<Code>(message.code), message.detail, message.sys_errno);
  return name.empty() ? std::move(error) : Error(std::move(error).Wrap(name));
}

}  // namespace onggi
