#include "runtime/client/monitor_hub.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "base/mutex.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace onggi {

class MonitorHub::Loop {
 public:
  Result<> Open();
  void Run();
  void Stop();
  Result<uint64_t> Add(int fd, std::weak_ptr<HubListener> listener);
  void Remove(uint64_t number, int fd);
  void Post(std::function<void()> task);
  void ReapLater(UniqueFd pidfd);

 private:
  static constexpr uint64_t kWake = 0;
  struct Entry {
    std::weak_ptr<HubListener> listener;
    UniqueFd child;  // a pidfd, instead of a listener
    int fd = -1;
  };
  Result<> Watch(int fd, uint64_t number);
  void Wake();
  bool RunTasks();
  void Serve(uint64_t number);

  UniqueFd epoll_;
  UniqueFd wake_;
  Mutex mutex_;
  bool stopped_ GUARDED_BY(mutex_) = false;
  uint64_t last_ GUARDED_BY(mutex_) = kWake;
  std::map<uint64_t, Entry> entries_ GUARDED_BY(mutex_);
  std::vector<std::function<void()>> tasks_ GUARDED_BY(mutex_);
};

Result<> MonitorHub::Loop::Open() {
  epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid()) return SysError("epoll_create1");
  wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_.valid()) return SysError("eventfd");
  return Watch(wake_.get(), kWake);
}

Result<> MonitorHub::Loop::Watch(int fd, uint64_t number) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = number;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return SysError("epoll_ctl(add)");
  return Ok();
}

void MonitorHub::Loop::Wake() {
  (void)eventfd_write(wake_.get(), 1);  // full means that it is awake
}

void MonitorHub::Loop::Stop() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
  }
  Wake();
}

Result<uint64_t> MonitorHub::Loop::Add(int fd, std::weak_ptr<HubListener> listener) {
  MutexLock lock(mutex_);
  uint64_t number = ++last_;
  TRY(Watch(fd, number));
  entries_[number] = {.listener = std::move(listener), .fd = fd};
  return number;
}

void MonitorHub::Loop::Remove(uint64_t number, int fd) {
  MutexLock lock(mutex_);
  if (entries_.erase(number) > 0) (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void MonitorHub::Loop::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  Wake();
}

void MonitorHub::Loop::ReapLater(UniqueFd pidfd) {
  MutexLock lock(mutex_);
  uint64_t number = ++last_;
  if (!Watch(pidfd.get(), number)) return;  // then it stays a zombie until this process ends
  int fd = pidfd.get();
  entries_[number] = {.child = std::move(pidfd), .fd = fd};
}

bool MonitorHub::Loop::RunTasks() {
  eventfd_t count;
  (void)eventfd_read(wake_.get(), &count);  // only the wake-up matters
  std::vector<std::function<void()>> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(tasks_);
    if (stopped_) return false;
  }
  for (auto& task : tasks) task();
  return true;
}

void MonitorHub::Loop::Serve(uint64_t number) {
  std::shared_ptr<HubListener> listener;
  UniqueFd ended;
  int fd = -1;
  {
    MutexLock lock(mutex_);
    auto found = entries_.find(number);
    if (found == entries_.end()) return;
    fd = found->second.fd;
    listener = found->second.listener.lock();
    if (found->second.child.valid()) ended = std::move(found->second.child);
  }
  if (ended.valid()) {
    Remove(number, fd);
    siginfo_t info{};
    (void)waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(ended.get()), &info, WEXITED);
    return;
  }
  if (!listener || !listener->Readable()) Remove(number, fd);
}

void MonitorHub::Loop::Run() {
  epoll_event events[32];
  while (true) {
    int count = epoll_wait(epoll_.get(), events, 32, -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 != kWake) {
        Serve(events[i].data.u64);
      } else if (!RunTasks()) {
        return;
      }
    }
  }
}

namespace {

struct Current {
  Mutex mutex;
  std::weak_ptr<MonitorHub> hub GUARDED_BY(mutex);
};

}  // namespace

Result<std::shared_ptr<MonitorHub>> MonitorHub::Get() {
  static Current& current = *new Current;  // clients may outlive static objects
  MutexLock lock(current.mutex);
  if (auto hub = current.hub.lock()) return hub;
  auto loop = std::make_shared<Loop>();
  TRY(loop->Open());
  std::shared_ptr<MonitorHub> hub(new MonitorHub(loop));
  // Signals are for the threads that wait for them.
  sigset_t all, before;
  sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);  // cannot fail with these arguments
  hub->thread_ = std::thread([loop] {
    (void)pthread_setname_np(pthread_self(), "monitors");  // for display
    loop->Run();
  });
  (void)pthread_sigmask(SIG_SETMASK, &before, nullptr);
  current.hub = hub;
  return hub;
}

MonitorHub::~MonitorHub() {
  loop_->Stop();
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();  // a callback let go of the last client: the thread ends when it returns
  } else {
    thread_.join();
  }
}

Result<uint64_t> MonitorHub::Add(int fd, std::weak_ptr<HubListener> listener) {
  return loop_->Add(fd, std::move(listener));
}

void MonitorHub::Remove(uint64_t number, int fd) {
  loop_->Remove(number, fd);
}

void MonitorHub::Post(std::function<void()> task) {
  loop_->Post(std::move(task));
}

void MonitorHub::ReapLater(UniqueFd pidfd) {
  loop_->ReapLater(std::move(pidfd));
}

}  // namespace onggi
