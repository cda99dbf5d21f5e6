#include "engine/fail_point.h"

#include <unistd.h>
#include <csignal>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/mutex.h"
#include "base/strings.h"

namespace onggi {
namespace {

std::atomic<bool> armed{false};

struct Armed {
  Mutex mutex;
  std::map<std::string, std::string, std::less<>> actions GUARDED_BY(mutex);
};

Armed& Points() {
  static Armed* points = new Armed;  // never destroyed: threads may outlive main
  return *points;
}

std::string ActionOf(std::string_view name) {
  Armed& points = Points();
  MutexLock lock(points.mutex);
  auto at = points.actions.find(name);
  return at == points.actions.end() ? "" : at->second;
}

}  // namespace

Result<> FailPoint(std::string_view name) {
  if (!armed.load(std::memory_order_relaxed)) return Ok();
  std::string action = ActionOf(name);
  if (action == "error") return Internal("fail point " + std::string(name));
  if (action == "kill") (void)kill(getpid(), SIGKILL);  // does not return
  if (action.rfind("delay-", 0) == 0) {
    auto ms = ParseUint(std::string_view(action).substr(6));
    std::this_thread::sleep_for(std::chrono::milliseconds(ms.value_or(0)));
  }
  return Ok();
}

void ArmFailPoints(std::map<std::string, std::string, std::less<>> actions) {
  Armed& points = Points();
  MutexLock lock(points.mutex);
  armed.store(!actions.empty(), std::memory_order_relaxed);
  points.actions = std::move(actions);
}

void ArmFailPointsFromText(std::string_view text) {
  std::map<std::string, std::string, std::less<>> actions;
  for (std::string_view part : Split(text, ',')) {
    size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    actions.emplace(part.substr(0, equals), part.substr(equals + 1));
  }
  ArmFailPoints(std::move(actions));
}

}  // namespace onggi
