// PodFixture: a real monitor, with containers on a root file system made of busybox.
//
// Thread-safety: one thread. TearDown shuts the monitor down and fails the test when a process of
// the pod is left.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/client/cgroup.h"
#include "runtime/client/monitor_client.h"
#include "tests/support/temp_tree.h"

namespace onggi::testing {

class PodFixture : public ::testing::Test {
 protected:
  PodFixture();
  ~PodFixture() override;
  void TearDown() override;

  MonitorOptions Options() const;
  // Into monitor_, with the callbacks set.
  void Spawn(const MonitorOptions& options);
  void Spawn() { Spawn(Options()); }
  // Lets the connection go, as a daemon that ends does, and connects anew.
  void Reconnect();

  // A container that runs SCRIPT in a shell.
  ContainerCreate Shell(const std::string& id, const std::string& script) const;
  // The same with a cgroup of its own, which TearDown removes.
  ContainerCreate ShellInCgroup(const std::string& id, const std::string& script);
  void Run(const ContainerCreate& create);
  ExecSyncRequest Command(const std::string& id, const std::string& script) const;
  // Its output; a failure of the test when it does not end with 0.
  std::string Output(const std::string& id, const std::string& script);

  // Waits up to 10 s for the exit.
  ContainerExit AwaitExit(const std::string& id);
  std::string LogPath(const std::string& id) const { return tree_ / ("logs/" + id + ".log"); }
  // What CONTAINER wrote to STREAM, by its log; strictly parsed.
  std::string Logged(const std::string& id, const std::string& stream = "stdout") const;
  // Waits up to 10 s until what was logged contains TEXT.
  bool AwaitLogged(const std::string& id, const std::string& text) const;

  TempTree tree_;
  std::string directory_ = tree_.Dir("run", 0700);
  std::unique_ptr<MonitorClient> monitor_;
  std::vector<Cgroup> cgroups_;

  Mutex mutex_;
  CondVar changed_;
  std::vector<ContainerExit> exits_ GUARDED_BY(mutex_);
  int gone_ GUARDED_BY(mutex_) = 0;

 private:
  void Listen();
};

// Until CONDITION holds, at most 10 s.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    usleep(5000);
  }
  return condition();
}

std::string ProgramPath();
// False for a zombie, too.
bool IsAlive(pid_t pid);

}  // namespace onggi::testing
