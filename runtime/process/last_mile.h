// The last mile: from the world that stands to execve, the same for the first process and for those
// that are executed later. Everything that needs memory is prepared before.
//
// Order, and why:
//   rlimits                     while CAP_SYS_RESOURCE is held
//   LSM label                   through the host's procfs, before its fd is closed
//   working directory           as root, or as the user where root may not (network file systems)
//   seccomp without NNP         needs CAP_SYS_ADMIN, so before capabilities go
//   bounding set, groups, user, capabilities, working directory as the user, no_new_privs
//   seccomp with NNP            last: the filter does not have to allow what comes before
//   close all, execve
//
// Thread-safety: one thread.
#pragma once

#include <linux/filter.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/kernel/capabilities.h"
#include "runtime/kernel/procfs.h"
#include "runtime/process/channel.h"
#include "runtime/spec/spec.h"

namespace onggi {

class LastMile {
 public:
  // PROCESS and SECCOMP (null: no filter) must outlive it.
  static Result<LastMile> Prepare(const spec::Process& process, const spec::Seccomp* seccomp,
                                  const std::vector<sock_filter>* program, int preserve_fds);
  LastMile(LastMile&&) = default;

  // Limits, label, directory: may allocate, returns on failure. PROCFS is the host's.
  Result<> Enter(const Procfs& procfs);
  // NotFound, as Execute would tell it, when no file has the program's name.
  Result<> FindProgram() const;
  // Tells CHANNEL what failed, and exits, or becomes the program.
  [[noreturn]] void Execute(int channel);

 private:
  LastMile(const spec::Process& process, int preserve_fds)
      : process_(&process), preserve_fds_(preserve_fds) {}
  void BuildImage();
  Result<> EnterDirectory();
  [[noreturn]] void Fail(Stage stage, int err, const char* detail) const;
  void ChangeUser();
  void Filter();
  void CloseDescriptors();
  void TryCandidates();

  const spec::Process* process_;
  int preserve_fds_;
  CapabilitySets sets_;
  std::vector<sock_filter> compiled_;
  const std::vector<sock_filter>* program_ = nullptr;
  unsigned int seccomp_flags_ = 0;
  bool directory_pending_ = false;
  std::vector<std::string> candidates_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
  std::string not_found_;    // what to say when no candidate exists
  std::string interpreter_;  // when it exists, but what it names does not
  int channel_ = -1;
};

}  // namespace onggi
