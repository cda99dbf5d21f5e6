#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"
#include "engine/pod/pod.h"

namespace onggi {
namespace {

std::string HostName() {
  char name[65] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

// A relative path would mean another file once somebody changes the directory.
Result<> CheckOptions(const EngineOptions& options) {
  for (const std::string& path : {options.root, options.state, options.runtime_binary}) {
    if (path.empty() || path.front() != '/') {
      return InvalidArgument("engine: " + path + " is not an absolute path");
    }
  }
  if (options.cgroup_root.empty() || options.cgroup_root.front() != '/') {
    return InvalidArgument("engine: cgroup_root " + options.cgroup_root + " is not absolute");
  }
  return Ok();
}

}  // namespace

EngineImpl::EngineImpl(EngineOptions options, Rooms rooms, Records records)
    : options_(std::move(options)),
      rooms_(rooms),
      records_(std::move(records)),
      host_name_(HostName()) {
  for (const RuntimeHandler& handler : options_.handlers) handler_names_.insert(handler.name);
}

EngineImpl::~EngineImpl() {
  {
    MutexLock lock(exits_mutex_);
    closing_ = true;
  }
  exits_wake_.NotifyAll();
  closing_wake_.NotifyAll();
  if (exits_thread_.joinable()) exits_thread_.join();
  if (sampler_thread_.joinable()) sampler_thread_.join();
  events_.Close();
  // The clients' reader threads post into this object: they end before it does.
  for (const auto& pod : registry_.Pods()) pod->SetMonitor(nullptr);
}

Result<std::unique_ptr<Engine>> Engine::Open(EngineOptions options, Database& database,
                                             Snapshotter& snapshotter, ImageService& images,
                                             Network& network) {
  TRY(CheckOptions(options));
  if (const char* points = getenv("ONGGI_FAIL_POINTS")) ArmFailPointsFromText(points);
  TRY(MakeDirs(options.root, 0711));
  TRY(MakeDirs(PodsDir(options.state), 0711));
  TRY_ASSIGN(Records records, Records::Open(database));
  auto engine = std::make_unique<EngineImpl>(
      std::move(options), EngineImpl::Rooms{&database, &snapshotter, &images, &network},
      std::move(records));
  TRY(engine->Recover());
  return std::unique_ptr<Engine>(std::move(engine));
}

Result<> EngineImpl::RuntimeReady() {
  if (access(options_.runtime_binary.c_str(), X_OK) != 0) {
    return FailedPrecondition("runtime " + options_.runtime_binary +
                              " cannot be executed: " + SysError("access").message());
  }
  TRY(DetectCgroups());
  return Ok();
}

}  // namespace onggi
