// PodLocks: one lock for each pod that is being worked on, made when needed and gone afterwards.
//
// Thread-safety: any thread. A PodLock must be released on the thread that took it.
#pragma once

#include <set>
#include <string>

#include "base/mutex.h"

namespace onggi {

class PodLocks {
 public:
  void Lock(const std::string& pod_id) {
    MutexLock lock(mutex_);
    while (!busy_.insert(pod_id).second) freed_.Wait(mutex_);
  }
  void Unlock(const std::string& pod_id) {
    {
      MutexLock lock(mutex_);
      busy_.erase(pod_id);
    }
    freed_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar freed_;
  std::set<std::string> busy_ GUARDED_BY(mutex_);
};

class PodLock {
 public:
  PodLock(PodLocks& locks, std::string pod_id) : locks_(locks), pod_id_(std::move(pod_id)) {
    locks_.Lock(pod_id_);
  }
  ~PodLock() { locks_.Unlock(pod_id_); }
  PodLock(const PodLock&) = delete;
  PodLock& operator=(const PodLock&) = delete;

 private:
  PodLocks& locks_;
  const std::string pod_id_;
};

}  // namespace onggi
