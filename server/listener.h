// Listener: the daemon's Unix socket. Accepts connections itself, so that the socket has its mode
// before anyone can connect, the uid of every peer is known, and clients that come early wait in
// the kernel's queue instead of being refused; each connection is then handed to gRPC.
//
// Thread-safety: Run in one thread, Stop from any.
#pragma once

#include <grpcpp/server.h>

#include <string>

#include "base/file_lock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "server/peers.h"

namespace onggi {

class Listener {
 public:
  // Makes the directory (0711) and the socket (0660, GROUP's when that is not ""). A socket that a
  // dead daemon left is removed: PATH.lock tells; FailedPrecondition naming the pid of a live one.
  // InvalidArgument for an unknown group, or when something that is no socket is at PATH.
  static Result<Listener> Open(const std::string& path, const std::string& group);
  Listener(Listener&&) = default;
  ~Listener();

  // Accepts until Stop. Blocks.
  void Run(grpc::Server& server, Peers& peers);
  void Stop();

 private:
  Listener(std::string path, FileLock lock, UniqueFd socket)
      : path_(std::move(path)), lock_(std::move(lock)), socket_(std::move(socket)) {}

  std::string path_;
  FileLock lock_;
  UniqueFd socket_;
};

}  // namespace onggi
