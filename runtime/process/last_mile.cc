#include "runtime/process/last_mile.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "base/strings.h"
#include "runtime/kernel/rlimits.h"
#include "runtime/kernel/seccomp.h"
#include "runtime/process/child_fds.h"

namespace onggi {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string PathVariable(const std::vector<std::string>& env) {
  for (const std::string& entry : env) {
    if (entry.compare(0, 5, "PATH=") == 0) return entry.substr(5);
  }
  return kDefaultPath;
}

// CVE-2024-21626: a directory of the host, reached through a leaked fd, has no path in here.
Result<> CheckDirectory(const std::string& cwd) {
  char path[PATH_MAX];
  const long length = syscall(SYS_getcwd, path, sizeof(path));
  if (length < 0) return SysError("working directory " + cwd + ": getcwd");
  if (path[0] != '/') {
    return FailedPrecondition("working directory " + cwd + " lies outside the container");
  }
  return Ok();
}

Result<> WriteLabel(const Procfs& procfs, const spec::Process& process) {
  if (!process.apparmor_profile.empty() && process.apparmor_profile != "unconfined") {
    const std::string value = "exec " + process.apparmor_profile;
    Result<> written = procfs.Write("self/attr/apparmor/exec", value);
    if (!written) written = procfs.Write("self/attr/exec", value);
    TRY(std::move(written).Wrap("apparmor profile " + process.apparmor_profile));
  }
  if (!process.selinux_label.empty()) {
    TRY(procfs.WriteAndVerify("self/attr/exec", process.selinux_label).Wrap("selinux label"));
  }
  return Ok();
}

}  // namespace

Result<LastMile> LastMile::Prepare(const spec::Process& process, const spec::Seccomp* seccomp,
                                   const std::vector<sock_filter>* program, int preserve_fds) {
  if (process.args.empty() || process.args[0].empty()) {
    return InvalidArgument("process.args is empty: there is nothing to run");
  }
  LastMile mile(process, preserve_fds);
  if (process.capabilities) {
    TRY_ASSIGN(mile.sets_, ResolveCapabilities(*process.capabilities));
  }
  if (seccomp != nullptr) {
    TRY_ASSIGN(mile.seccomp_flags_, SeccompFlags(*seccomp));
    mile.program_ = program;
    if (program == nullptr) {
      TRY_ASSIGN(mile.compiled_, CompileSeccomp(*seccomp));
    }
  }
  mile.BuildImage();
  return mile;
}

void LastMile::BuildImage() {
  const std::string& name = process_->args[0];
  if (name.find('/') != std::string::npos) {
    candidates_.push_back(name);
    not_found_ = Quote(name) + ": no such file or directory";
  } else {
    const std::string path = PathVariable(process_->env);  // outlives the views into it
    for (std::string_view dir : Split(path, ':')) {
      candidates_.push_back(dir.empty() ? "./" + name : std::string(dir) + "/" + name);
    }
    not_found_ = Quote(name) + ": executable file not found in $PATH";
  }
  interpreter_ = Quote(name) + ": its interpreter or loader: no such file or directory";
  // execve does not write through these; its prototype predates const.
  for (const auto& arg : process_->args) argv_.push_back(const_cast<char*>(arg.c_str()));
  for (const auto& entry : process_->env) envp_.push_back(const_cast<char*>(entry.c_str()));
  argv_.push_back(nullptr);
  envp_.push_back(nullptr);
}

Result<> LastMile::EnterDirectory() {
  if (chdir(process_->cwd.c_str()) == 0) return CheckDirectory(process_->cwd);
  if (errno != EACCES && errno != EPERM) {
    return SysError("working directory " + process_->cwd + ": chdir");
  }
  directory_pending_ = true;
  return Ok();
}

Result<> LastMile::Enter(const Procfs& procfs) {
  TRY(ApplyRlimits(process_->rlimits));
  TRY(WriteLabel(procfs, *process_));
  TRY(OwnStdio(process_->user.uid));
  return EnterDirectory();
}

Result<> LastMile::FindProgram() const {
  for (const std::string& path : candidates_) {
    if (faccessat(AT_FDCWD, path.c_str(), F_OK, 0) == 0) return Ok();
  }
  return NotFound("exec " + not_found_);
}

void LastMile::Fail(Stage stage, int err, const char* detail) const {
  SendFailure(channel_, stage, err, detail);
  _exit(1);
}

// Raw calls: libc's wrappers signal other threads, and there are none.
void LastMile::ChangeUser() {
  const spec::User& user = process_->user;
  if (const int err = DropBoundingSet(sets_); err != 0) {
    Fail(Stage::kCapabilities, err, "prctl(PR_CAPBSET_DROP)");
  }
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) Fail(Stage::kUser, errno, "prctl(PR_SET_KEEPCAPS)");
  // EPERM with nothing to set: a user namespace that denies setgroups.
  if (syscall(SYS_setgroups, user.additional_gids.size(), user.additional_gids.data()) != 0 &&
      !(errno == EPERM && user.additional_gids.empty())) {
    Fail(Stage::kUser, errno, "setgroups");
  }
  if (syscall(SYS_setresgid, user.gid, user.gid, user.gid) != 0) {
    Fail(Stage::kUser, errno, "setresgid");
  }
  if (syscall(SYS_setresuid, user.uid, user.uid, user.uid) != 0) {
    Fail(Stage::kUser, errno, "setresuid");
  }
  // A change of user makes the process dumpable anew; it stays closed until execve.
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (const int err = ApplyCapabilities(sets_); err != 0) {
    Fail(Stage::kCapabilities, err, "capset");
  }
  if (directory_pending_) {
    if (chdir(process_->cwd.c_str()) != 0) Fail(Stage::kDirectory, errno, "working directory");
    char path[PATH_MAX];
    if (syscall(SYS_getcwd, path, sizeof(path)) < 0 || path[0] != '/') {
      Fail(Stage::kDirectory, ENOENT, "working directory lies outside the container");
    }
  }
  umask(user.umask.value_or(0022));
}

void LastMile::Filter() {
  const std::vector<sock_filter>* program = program_ != nullptr ? program_ : &compiled_;
  if (program->empty()) return;
  if (const int err = LoadSeccomp(*program, seccomp_flags_); err != 0) {
    Fail(Stage::kSeccomp, err, "seccomp");
  }
}

// A path of the image could name our descriptors during execve (CVE-2016-9962, CVE-2024-21626): the
// channel, a socket, is the only one that is left.
void LastMile::CloseDescriptors() {
  const auto first = static_cast<unsigned int>(3 + preserve_fds_);
  const auto kept = static_cast<unsigned int>(channel_);
  for (unsigned int fd = 3; fd < first; ++fd) {
    (void)fcntl(static_cast<int>(fd), F_SETFD, 0);  // the caller may have left gaps
  }
  if (kept > first) (void)syscall(SYS_close_range, first, kept - 1, 0);
  (void)syscall(SYS_close_range, kept + 1, UINT_MAX, 0);
}

void LastMile::TryCandidates() {
  int worst = ENOENT;
  const char* detail = not_found_.c_str();
  for (const std::string& path : candidates_) {
    (void)execve(path.c_str(), argv_.data(), envp_.data());  // returns only to fail
    if (errno == ENOENT || errno == ENOTDIR) {
      if (errno == ENOENT && faccessat(AT_FDCWD, path.c_str(), F_OK, 0) == 0) {
        detail = interpreter_.c_str();
        break;
      }
      continue;
    }
    worst = errno;
    detail = path.c_str();
    if (worst != EACCES) break;  // a later directory may hold one that may be run
  }
  Fail(Stage::kExec, worst, detail);
}

void LastMile::Execute(int channel) {
  channel_ = channel;
  CloseDescriptors();
  Message executing;
  executing.kind = MessageKind::kExecuting;
  if (!SendMessage(channel, executing)) _exit(1);
  if (process_->no_new_privileges) {
    ChangeUser();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
      Fail(Stage::kUser, errno, "prctl(PR_SET_NO_NEW_PRIVS)");
    }
    Filter();
  } else {
    Filter();
    ChangeUser();
  }
  TryCandidates();
  _exit(1);
}

}  // namespace onggi
