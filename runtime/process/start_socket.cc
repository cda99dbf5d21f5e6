#include "runtime/process/start_socket.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/unix_socket.h"
#include "runtime/process/channel.h"
#include "runtime/process/container_process.h"
#include "runtime/process/reap.h"

namespace onggi {

// A socket's name has 107 bytes; through /proc/self/fd any directory fits.
Result<UniqueFd> ListenForStart(const std::string& directory, const std::string& name) {
  TRY_ASSIGN(const UniqueFd dir, Open(directory, O_PATH | O_DIRECTORY));
  return ListenUnix(ProcFdPath(dir.get()) + "/" + name, 0600, 1);
}

Result<> ReleaseInitAt(const std::string& socket_path) {
  const size_t slash = socket_path.find_last_of('/');
  TRY_ASSIGN(const UniqueFd dir, Open(socket_path.substr(0, slash), O_PATH | O_DIRECTORY));
  const std::string address = ProcFdPath(dir.get()) + socket_path.substr(slash);
  Result<UniqueFd> peer = ConnectUnix(address);
  if (!peer) return FailedPrecondition("the container does not wait for its start");
  // Once, whatever comes of it.
  TRY(RemoveFile(socket_path));
  if (!SendMessage(peer->get(), Message{.kind = MessageKind::kGo})) {
    return FailedPrecondition("the container ended before it was started");
  }
  UniqueFd unused;
  return AwaitExecution(peer->get(), unused);
}

}  // namespace onggi
