// Peers: who is at the other end of each connection, for the log. gRPC knows a connection that was
// handed to it only as "fd:N".
//
// Thread-safety: any thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "base/mutex.h"

namespace onggi {

class Peers {
 public:
  void Add(int fd, uid_t uid) {
    MutexLock lock(mutex_);
    uids_[fd] = uid;  // a number that is used again belongs to the newer connection
  }
  // Of a ServerContext's peer(); "?" for other transports.
  std::string UidOf(const std::string& peer) const;

 private:
  mutable Mutex mutex_;
  std::map<int, uid_t> uids_ GUARDED_BY(mutex_);
};

}  // namespace onggi
