// Monitor: the requests of daemons, put to the tables that answer them; the end of the whole.
//
// Thread-safety: the loop's thread.
#pragma once

#include <string>

#include "runtime/client/monitor_protocol.h"
#include "runtime/monitor/child_reaper.h"
#include "runtime/monitor/connections.h"
#include "runtime/monitor/container_table.h"
#include "runtime/monitor/exec_table.h"
#include "runtime/monitor/pod_namespaces.h"
#include "runtime/monitor/state_file.h"

namespace onggi {

class Monitor {
 public:
  struct Parts {
    EventLoop* loop;
    OutputBuffers* buffers;
    StateDirectory* state;
    PodNamespaces* namespaces;
    MonitorIdentity identity;  // without containers
    std::string seccomp_cache;
  };
  explicit Monitor(Parts parts);

  // FIRST is the connection that spawned us: it is told that the pod stands, as answer SETUP_ID.
  Result<> Start(UniqueFd listener, UniqueFd first, uint64_t setup_id);
  // Creations and execs fail with it from now on.
  void SetFault(Error fault) { fault_ = std::move(fault); }

 private:
  void Dispatch(Request request);
  void Hello(const Request& request);
  void Resize(const Request& request);
  void Shutdown(const Request& request);
  void ContinueShutdown();
  void ConnectionClosed(uint64_t connection);
  void LookForOwner();
  Json Identity() const;

  Parts parts_;
  std::optional<Error> fault_;
  Connections connections_;
  ContainerTable containers_;
  ExecTable execs_;
  ChildReaper reaper_;
  std::optional<Responder> shutdown_;
};

}  // namespace onggi
