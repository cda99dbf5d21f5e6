// ContainerTable: the containers of the pod, and the requests about them.
//
// Thread-safety: the loop's thread. Requests that take time are answered later, through their
// Responder.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/monitor/connections.h"
#include "runtime/monitor/container.h"
#include "runtime/monitor/pod_namespaces.h"
#include "runtime/monitor/seccomp_cache.h"

namespace onggi {

class ContainerTable {
 public:
  ContainerTable(const PodContext& pod, const PodNamespaces* namespaces, std::string seccomp_cache,
                 std::function<void(const ContainerExit&)> announce)
      : pod_(pod),
        namespaces_(namespaces),
        announce_(std::move(announce)),
        seccomp_(std::move(seccomp_cache)) {}

  bool empty() const { return all_.empty(); }
  // NotFound for unknown ids.
  Result<Container*> Find(const std::string& id) const;
  std::vector<MonitoredContainer> List() const;

  void Create(const Request& request);
  void Start(const Request& request);
  void Signal(const Request& request);
  void Delete(const Request& request);
  void Attach(const Request& request);
  void ReopenLog(const Request& request);
  void CloseStdin(const Request& request);

  // Of ChildReaper. False when the process is none of ours.
  bool Ended(pid_t pid);
  bool Reaped(pid_t pid, int status);

  void KillAll();
  // True when no process of a container is left that we started.
  bool AllEnded() const;

 private:
  struct Entry {
    std::unique_ptr<Container> container;
    std::vector<Responder> deleters;
  };
  Result<Container*> Named(const Request& request) const;
  Result<Container::Options> Prepare(const MonitorMessage& message);
  void Remove(const std::string& id);
  Entry* OfPid(pid_t pid);

  PodContext pod_;
  const PodNamespaces* namespaces_;
  std::function<void(const ContainerExit&)> announce_;
  std::map<std::string, Entry> all_;
  SeccompCache seccomp_;
};

}  // namespace onggi
