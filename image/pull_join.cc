#include "image/pull_join.h"

#include <list>
#include <optional>

namespace onggi {

struct PullJoin::Job {
  CancelSource cancel;
  Mutex mutex;
  CondVar changed;
  int waiting GUARDED_BY(mutex) = 0;  // callers that still want it
  std::optional<Result<std::string>> outcome GUARDED_BY(mutex);

  // Of its own, because a listener may cancel, which takes the other.
  Mutex listen_mutex;
  std::list<Listener> listeners GUARDED_BY(listen_mutex);

  void Tell(const PullProgress& progress) EXCLUDES(listen_mutex) {
    MutexLock lock(listen_mutex);
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
    {
      MutexLock job_lock(job->mutex);
      ++job->waiting;
    }
    MutexLock listen_lock(job->listen_mutex);
    own = job->listeners.insert(
        job->listeners.end(), listener ? listener : [](const auto&) {});
  }
  auto registration = cancel.OnCancel([job] { job->Leave(); });
  auto outcome = first ? Lead(key, job, work) : Follow(*job, cancel);
  MutexLock listen_lock(job->listen_mutex);
  job->listeners.erase(own);  // its caller is gone after this
  return outcome;
}

Result<std::string> PullJoin::Lead(const std::string& key, const std::shared_ptr<Job>& job,
                                   const Work& work) {
  auto outcome = work(job->cancel.token(), [job](const PullProgress& p) { job->Tell(p); });
  {
    MutexLock lock(mutex_);
    auto found = jobs_.find(key);
    if (found != jobs_.end() && found->second == job) jobs_.erase(found);
  }
  MutexLock lock(job->mutex);
  job->outcome = CopyOf(outcome);
  job->changed.NotifyAll();
  return outcome;
}

Result<std::string> PullJoin::Follow(Job& job, const CancelToken& cancel) {
  MutexLock lock(job.mutex);
  while (!job.outcome && !cancel.cancelled()) job.changed.Wait(job.mutex);
  if (job.outcome) return CopyOf(*job.outcome);
  return Cancelled("cancelled by the caller");
}

}  // namespace onggi
