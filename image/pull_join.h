// PullJoin: identical pulls at one time are one pull. The first caller's thread does the work; the
// others wait for its outcome. It is cancelled when all of them are.
//
// Thread-safety: any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "base/mutex.h"
#include "base/result.h"
#include "image/image_service.h"

namespace onggi {

class PullJoin {
 public:
  using Listener = std::function<void(const PullProgress&)>;
  // WORK gets the joined token and a listener that tells everybody.
  using Work = std::function<Result<std::string>(const CancelToken&, const Listener&)>;

  Result<std::string> Run(const std::string& key, const CancelToken& cancel,
                          const Listener& listener, const Work& work) EXCLUDES(mutex_);

 private:
  struct Job;
  Result<std::string> Lead(const std::string& key, const std::shared_ptr<Job>& job,
                           const Work& work) EXCLUDES(mutex_);
  static Result<std::string> Follow(Job& job, const CancelToken& cancel);

  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Job>> jobs_ GUARDED_BY(mutex_);
};

}  // namespace onggi
