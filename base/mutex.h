// Mutex, MutexLock, CondVar: std's, with clang's thread-safety annotations, so that a clang build
// proves which lock guards which member (-Wthread-safety). The mutex stands above what it guards.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define ONGGI_THREAD(x) __attribute__((x))
#else
#define ONGGI_THREAD(x)
#endif
// Abseil, which gRPC's headers bring, defines this name too, with the same meaning.
#undef GUARDED_BY
#define CAPABILITY(x) ONGGI_THREAD(capability(x))
#define SCOPED_CAPABILITY ONGGI_THREAD(scoped_lockable)
#define GUARDED_BY(x) ONGGI_THREAD(guarded_by(x))
#define REQUIRES(...) ONGGI_THREAD(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) ONGGI_THREAD(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) ONGGI_THREAD(acquire_capability(__VA_ARGS__))
#define RELEASE(...) ONGGI_THREAD(release_capability(__VA_ARGS__))

namespace onggi {

class CAPABILITY("mutex") Mutex {
 public:
  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits may wake for nothing: always wait in a loop over the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    (void)lock.release();  // the caller still holds it
  }
  // False when DEADLINE passed first.
  bool WaitUntil(Mutex& mutex, std::chrono::steady_clock::time_point deadline) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    (void)lock.release();  // the caller still holds it
    return in_time;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace onggi
