// ExecTable: the further processes that were started in the pod's containers.
//
// Each gets a cgroup of its own below the container's, in one hierarchy, so that a timeout or a
// cancellation kills all that it has started, also what has made itself a daemon. When the process
// ends by itself, what it left behind lives on.
//
// Thread-safety: the loop's thread. An exec belongs to the connection that asked for it and is
// killed when that ends.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/monitor/connections.h"
#include "runtime/monitor/container_table.h"

namespace onggi {

class ExecTable {
 public:
  ExecTable(EventLoop* loop, const ContainerTable* containers)
      : loop_(loop), containers_(containers) {}

  void Exec(Request& request);
  void Wait(const Request& request);
  // Kills the whole tree; who waits gets Cancelled.
  void Kill(const Request& request);
  void Signal(const Request& request);
  // False when TARGET is no exec.
  bool Resize(const std::string& target, uint16_t width, uint16_t height, Result<>& result);

  bool Ended(pid_t pid);
  bool Reaped(pid_t pid, int status);
  void ConnectionClosed(uint64_t connection);
  void KillAll();

 private:
  struct Process {
    std::string id;
    std::string tracking_dir;  // "" when the node has none
    StartedExec started;
    bool channel_watched = false;
    Responder start;  // who asked
    UniqueFd answer;  // where the one answer goes, when it was asked for
    std::optional<Responder> waiter;
    EventLoop::TimerId timer = 0;
    std::optional<int> exit_code;
    std::optional<Code> killed;  // why
    int sweeps = 0;
  };
  Result<> Begin(Request& request, UniqueFd& answer);
  Result<std::string> Track(Container& container, std::vector<std::string>& dirs,
                            const std::string& id);
  void ChannelReady(const std::string& id);
  void StartTimer(Process& process, int64_t timeout_ms);
  void KillTree(Process& process, Code why);
  void Finish(const std::string& id);
  void Answer(Process& process, const Result<int>& result);
  void Remove(const std::string& id);
  Result<Process*> Named(const Request& request);
  Process* OfPid(pid_t pid);

  EventLoop* loop_;
  const ContainerTable* containers_;
  std::map<std::string, std::unique_ptr<Process>> all_;
};

}  // namespace onggi
