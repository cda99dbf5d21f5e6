#include "image/pull_join.h"

#include <list>
#include <optional>

namespace onggi {

struct PullJoin::Job {
  CancelSource cancel;
  Mutex mutex;
  CondVar changed;
  int waiting GUARDED_BY(mutex) = 0;  // callers that still want it
  std::list<Listener> listeners GUARDED_BY(mutex);
  std::optional<Result<std::string>> outcome GUARDED_BY(mutex);

  void Tell(const PullProgress& progress) EXCLUDES(mutex) {
    MutexLock lock(mutex);
    for (const Listener& listener : listeners) listener(progress);
  }
  void Leave() EXCLUDES(mutex) {
    bool last;
    {
      MutexLock lock(mutex);
      last = --waiting == 0;
    }
    if (last) cancel.Cancel();
    changed.NotifyAll();
  }
};

namespace {

Result<std::string> CopyOf(const Result<std::string>& outcome) {
  if (outcome) return *outcome;
  return outcome.error().Clone();
}

}  // namespace

Result<std::string> PullJoin::Run(const std::string& key, const CancelToken& cancel,
                                  const Listener& listener, const Work& work) {
  TRY(cancel.Check());
  std::shared_ptr<Job> job;
  bool first = false;
  std::list<Listener>::iterator own;
  {
    MutexLock lock(mutex_);
    auto& slot = jobs_[key];
    // A job whose callers all left is ending: it is not joined, but replaced.
    first = slot == nullptr || slot->cancel.token().cancelled();
    if (first) slot = std::make_shared<Job>();
    job = slot;
    MutexLock job_lock(job->mutex);
    ++job->waiting;
    own = job->listeners.insert(
        job->listeners.end(), listener ? listener : [](const auto&) {});
  }
  auto registration = cancel.OnCancel([job] { job->Leave(); });
  if (first) {
    auto outcome = work(job->cancel.token(), [job](const PullProgress& p) { job->Tell(p); });
    {
      MutexLock lock(mutex_);
      auto found = jobs_.find(key);
      if (found != jobs_.end() && found->second == job) jobs_.erase(found);
    }
    MutexLock lock(job->mutex);
    job->outcome = CopyOf(outcome);
    job->changed.NotifyAll();
    job->listeners.erase(own);
    return outcome;
  }
  MutexLock lock(job->mutex);
  while (!job->outcome && !cancel.cancelled()) job->changed.Wait(job->mutex);
  job->listeners.erase(own);
  if (job->outcome) return CopyOf(*job->outcome);
  return Cancelled("cancelled by the caller");
}

}  // namespace onggi
