#include "server/listener.h"

#include <fcntl.h>
#include <grp.h>
#include <grpcpp/server_posix.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file_io.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/unix_socket.h"

namespace onggi {
namespace {

Result<> RemoveStaleSocket(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return Ok();
    return SysError("lstat(" + path + ")");
  }
  if (!S_ISSOCK(info.st_mode)) {
    return InvalidArgument("socket: " + path + " is there and is no socket");
  }
  return RemoveFile(path);
}

Result<> GiveToGroup(const std::string& path, const std::string& group) {
  if (group.empty()) return Ok();
  // NSS is for the start only: nothing of an image is in reach here.
  const struct group* entry = getgrnam(group.c_str());
  if (entry == nullptr) return InvalidArgument("socket_group: no group " + Quote(group));
  if (lchown(path.c_str(), 0, entry->gr_gid) != 0) return SysError("chown(" + path + ")");
  return Ok();
}

}  // namespace

Result<Listener> Listener::Open(const std::string& path, const std::string& group) {
  std::string directory = path.substr(0, path.rfind('/'));
  if (!directory.empty()) TRY(MakeDirs(directory, 0711));
  TRY_ASSIGN(FileLock lock, FileLock::Acquire(path + ".lock"));
  TRY(RemoveStaleSocket(path));
  // 0600 until the group is set.
  TRY_ASSIGN(UniqueFd socket, ListenUnix(path, 0600, 1024));
  TRY(GiveToGroup(path, group));
  if (chmod(path.c_str(), 0660) != 0) return SysError("chmod(" + path + ")");
  return Listener(path, std::move(lock), std::move(socket));
}

Listener::~Listener() {
  if (!socket_.valid()) return;  // moved away
  // The lock file stays: removing it would let two daemons lock two files of one name.
  (void)RemoveFile(path_);  // a next daemon removes it too
}

void Listener::Run(grpc::Server& server, Peers& peers) {
  while (true) {
    Result<UniqueFd> accepted = AcceptUnix(socket_.get());
    if (!accepted) {
      if (accepted.error().sys_errno() == EINVAL) return;  // shutdown(2) by Stop
      // Out of fds or memory: the clients wait in the queue until there is room.
      LOG(kWarn, "can't accept a connection", {"error", accepted.error().message()});
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    Result<uid_t> uid = PeerUid(accepted->get());
    int flags = fcntl(accepted->get(), F_GETFL);
    // gRPC takes over only what does not block.
    if (!uid || flags < 0 || fcntl(accepted->get(), F_SETFL, flags | O_NONBLOCK) != 0) continue;
    LOG(kDebug, "connection", {"fd", accepted->get()}, {"uid", *uid});
    peers.Add(accepted->get(), *uid);
    grpc::AddInsecureChannelFromFd(&server, accepted->Release());
  }
}

void Listener::Stop() {
  (void)shutdown(socket_.get(), SHUT_RDWR);  // ends accept; fails only when it has ended
}

}  // namespace onggi
