#include "runtime/kernel/terminal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <cstring>

#include "base/rooted_path.h"
#include "base/unix_socket.h"
#include "runtime/kernel/mount_api.h"
#include "runtime/kernel/mounts.h"

namespace onggi {

Result<Terminal> OpenTerminal(int root_fd, uint16_t width, uint16_t height) {
  Terminal terminal;
  TRY_ASSIGN(terminal.master, RootedPath(root_fd)
                                  .OpenNoLinks("dev/pts/ptmx", O_RDWR | O_NOCTTY)
                                  .Wrap("terminal /dev/pts/ptmx"));
  struct statfs fs {};
  struct stat st {};
  if (fstatfs(terminal.master.get(), &fs) != 0 || fstat(terminal.master.get(), &st) != 0) {
    return SysError("fstat(/dev/pts/ptmx)");
  }
  if (fs.f_type != DEVPTS_SUPER_MAGIC || st.st_rdev != makedev(5, 2)) {
    return FailedPrecondition("/dev/pts/ptmx is not a terminal multiplexer");
  }
  int unlock = 0;
  if (ioctl(terminal.master.get(), TIOCSPTLCK, &unlock) != 0) return SysError("ioctl(TIOCSPTLCK)");
  terminal.slave.reset(ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.slave.valid()) return SysError("ioctl(TIOCGPTPEER)");
  if (width != 0 || height != 0) {
    const winsize size{.ws_row = height, .ws_col = width};
    if (ioctl(terminal.master.get(), TIOCSWINSZ, &size) != 0) return SysError("ioctl(TIOCSWINSZ)");
  }
  return terminal;
}

Result<> MountConsole(int root_fd, int slave_fd) {
  TRY_ASSIGN(const UniqueFd mount, CloneMount(slave_fd, "", false));
  TRY(SetMountAttributes(mount.get(), {.propagation = MS_PRIVATE}, false));
  TRY_ASSIGN(const UniqueFd target, MakeMountTarget(root_fd, "/dev/console", false, true));
  return AttachMount(mount.get(), target.get());
}

Result<> TakeTerminal(int slave_fd) {
  if (ioctl(slave_fd, TIOCSCTTY, 0) != 0) return SysError("ioctl(TIOCSCTTY)");
  return Ok();
}

Result<> SendTerminal(const std::string& socket_path, int master_fd) {
  TRY_ASSIGN(const UniqueFd socket, ConnectUnix(socket_path).Wrap("console socket"));
  // The receiver may show the text as the terminal's name.
  char name[] = "/dev/ptmx";
  iovec data{name, sizeof(name) - 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &master_fd, sizeof(int));
  if (sendmsg(socket.get(), &message, MSG_NOSIGNAL) < 0) return SysError("sendmsg(console socket)");
  return Ok();
}

}  // namespace onggi
