#include "runtime/monitor/container_table.h"

#include <malloc.h>

#include "runtime/kernel/namespaces.h"

namespace onggi {

Result<Container*> ContainerTable::Find(const std::string& id) const {
  auto found = all_.find(id);
  if (found == all_.end()) return NotFound("container " + id + " is not in this pod");
  return found->second.container.get();
}

Result<Container*> ContainerTable::Named(const Request& request) const {
  TRY_ASSIGN(std::string id, JsonString(request.message.body, "container"));
  return Find(id);
}

std::vector<MonitoredContainer> ContainerTable::List() const {
  std::vector<MonitoredContainer> out;
  for (const auto& [id, entry] : all_) {
    if (entry.container->is_ready()) out.push_back(entry.container->Snapshot());
  }
  return out;
}

// The options but for the pid namespace's descriptor, which lives with the caller.
Result<Container::Options> ContainerTable::Prepare(const MonitorMessage& message) {
  Container::Options options;
  TRY_ASSIGN(options.request, DecodeCreate(message));
  if (all_.count(options.request.id) > 0) {
    return AlreadyExists("container " + options.request.id + " is in this pod already");
  }
  TRY_ASSIGN(options.seccomp, seccomp_.Get(options.request.spec));
  if (options.request.host_pid) {
    options.pid = PidSource::kHost;
  } else if (!options.request.pid_target.empty()) {
    options.pid = PidSource::kTarget;
  } else if (namespaces_->pid_fd() >= 0) {
    options.pid = PidSource::kPod;
    options.pid_fd = namespaces_->pid_fd();
  }
  return options;
}

void ContainerTable::Create(const Request& request) {
  auto create = [&]() -> Result<> {
    TRY_ASSIGN(Container::Options options, Prepare(request.message));
    UniqueFd target;
    if (options.pid == PidSource::kTarget) {
      TRY_ASSIGN(Container * other, Find(options.request.pid_target));
      if (other->has_ended()) {
        return FailedPrecondition("container " + options.request.pid_target + " has ended");
      }
      TRY_ASSIGN(target, OpenNamespace("pid", "/proc/" + std::to_string(other->pid()) + "/ns/pid"));
      options.pid_fd = target.get();
    }
    std::string id = options.request.id;
    auto ready = [this, id, responder = request.responder](const Result<>& result) {
      auto entry = all_.find(id);
      if (result) {
        responder.Answer(Json{{"pid", entry->second.container->pid()}});
      } else {
        responder.Fail(result.error());
        Remove(id);
      }
      (void)malloc_trim(0);  // the spec was large and is gone
    };
    TRY_ASSIGN(auto container, Container::Create(pod_, std::move(options), ready));
    all_[id].container = std::move(container);
    return Ok();
  };
  auto created = create();
  if (!created) request.responder.Fail(created.error());
}

void ContainerTable::Remove(const std::string& id) {
  auto found = all_.find(id);
  if (found == all_.end()) return;
  for (const Responder& deleter : found->second.deleters) deleter.Answer(Json::object());
  pod_.state->Remove(id + ".json");
  // The container may be the one that called us.
  std::shared_ptr<Container> last = std::move(found->second.container);
  all_.erase(found);
  pod_.loop->After(std::chrono::milliseconds(0), [last] {});
}

void ContainerTable::Start(const Request& request) {
  auto container = Named(request);
  if (!container) return request.responder.Fail(container.error());
  auto started = (*container)->Start([responder = request.responder](const Result<>& result) {
    responder.Finish(result);
  });
  if (!started) request.responder.Fail(started.error());
}

void ContainerTable::Signal(const Request& request) {
  auto signal = [&]() -> Result<> {
    TRY_ASSIGN(Container * container, Named(request));
    TRY_ASSIGN(int64_t number, JsonInt(request.message.body, "signal"));
    if (number < 1 || number > 64) return InvalidArgument("signal " + std::to_string(number));
    return container->Signal(static_cast<int>(number));
  };
  request.responder.Finish(signal());
}

void ContainerTable::Delete(const Request& request) {
  auto container = Named(request);
  if (!container) return request.responder.Fail(container.error());
  std::string id = (*container)->id();
  all_[id].deleters.push_back(request.responder);
  (*container)->Kill();
  if ((*container)->has_ended()) Remove(id);
}

void ContainerTable::Attach(const Request& request) {
  auto container = Named(request);
  if (!container) return request.responder.Fail(container.error());
  auto attached = (*container)->Attach();
  if (!attached) return request.responder.Fail(attached.error());
  std::vector<int> fds;
  for (const UniqueFd* fd : {&attached->in, &attached->out, &attached->err}) {
    if (fd->valid()) fds.push_back(fd->get());
  }
  request.responder.Answer(Json{{"stdin", attached->in.valid()},
                                {"stdout", attached->out.valid()},
                                {"stderr", attached->err.valid()},
                                {"terminal", attached->terminal}},
                           fds);
}

void ContainerTable::ReopenLog(const Request& request) {
  auto container = Named(request);
  request.responder.Finish(container ? (*container)->ReopenLog()
                                     : Result<>(std::move(container).error()));
}

void ContainerTable::CloseStdin(const Request& request) {
  auto container = Named(request);
  if (!container) return request.responder.Fail(container.error());
  (*container)->CloseStdin();
  request.responder.Finish(Ok());
}

ContainerTable::Entry* ContainerTable::OfPid(pid_t pid) {
  for (auto& [id, entry] : all_) {
    if (entry.container->pid() == pid && !entry.container->has_ended()) return &entry;
  }
  return nullptr;
}

bool ContainerTable::Ended(pid_t pid) {
  Entry* entry = OfPid(pid);
  if (entry != nullptr) entry->container->BeforeReap();
  return entry != nullptr;
}

bool ContainerTable::Reaped(pid_t pid, int status) {
  Entry* entry = OfPid(pid);
  if (entry == nullptr) return false;
  ContainerExit exit = entry->container->Reaped(status);
  announce_(exit);
  if (!entry->deleters.empty()) Remove(exit.id);
  return true;
}

void ContainerTable::KillAll() {
  for (auto& [id, entry] : all_) entry.container->Kill();
}

bool ContainerTable::AllEnded() const {
  for (const auto& [id, entry] : all_) {
    if (!entry.container->has_ended()) return false;
  }
  return true;
}

}  // namespace onggi
