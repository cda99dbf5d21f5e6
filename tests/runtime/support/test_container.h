// TestContainer: a container of busybox and the probe, made by the library itself in this process.
//
//   TestContainer container;
//   container.spec().process->user.uid = 1000;
//   const Outcome outcome = container.RunShell("id");
//   EXPECT_EQ(outcome.code, 0) << outcome.error;
//
// Needs root. Leaves nothing: the root file system, the cgroup and the processes go with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/temp_dir.h"
#include "runtime/client/cgroup.h"
#include "runtime/process/container_process.h"
#include "runtime/spec/spec.h"

namespace onggi::testing {

struct Outcome {
  int code = -1;      // exit code, or 128 + signal
  std::string out;    // stdout and stderr
  std::string error;  // of create or start; code is -1 then
};

class TestContainer {
 public:
  TestContainer();
  ~TestContainer();
  TestContainer(const TestContainer&) = delete;
  TestContainer& operator=(const TestContainer&) = delete;

  spec::Spec& spec() { return spec_; }
  InitOptions& options() { return options_; }
  const std::string& rootfs() const { return rootfs_; }
  const std::string& directory() const { return temp_.path(); }
  const Cgroup& cgroup() const { return *cgroup_; }

  Outcome Run(std::vector<std::string> args);
  Outcome RunShell(const std::string& script) { return Run({"/bin/sh", "-c", script}); }
  // The probe's document; null with a test failure when it did not run.
  Json Probe(std::vector<std::string> parts = {});

  // A running "sleep", for exec.
  Result<> StartSleep();
  Outcome Exec(const spec::Process& process, const std::vector<sock_filter>* seccomp = nullptr);
  Outcome ExecShell(const std::string& script);
  StartedInit& init() { return init_; }
  void Kill();

 private:
  TempDir temp_;
  std::string rootfs_;
  spec::Spec spec_;
  InitOptions options_;
  std::unique_ptr<Cgroup> cgroup_;
  StartedInit init_;
};

// Where the programs of this build are.
std::string ProgramPath(const std::string& name);

// All of stdout until every writer is gone.
std::string ReadToEnd(int fd);
int WaitFor(int pidfd);

}  // namespace onggi::testing
