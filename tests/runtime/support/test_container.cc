#include "tests/runtime/support/test_container.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <filesystem>

#include "base/file_io.h"
#include "base/id.h"
#include "runtime/cmd/default_spec.h"
#include "runtime/process/reap.h"

namespace onggi::testing {
namespace {

constexpr const char* kTools[] = {
    "sh",  "true", "cat",  "ls", "id",     "mount", "sleep", "echo",     "mkdir", "touch",   "test",
    "pwd", "ps",   "stat", "dd", "umount", "kill",  "env",   "hostname", "grep",  "readlink"};

void FillRoot(const std::string& rootfs) {
  namespace fs = std::filesystem;
  for (const char* dir : {"bin", "proc", "sys", "dev", "tmp", "etc"}) {
    fs::create_directories(rootfs + "/" + dir);
  }
  fs::copy_file("/bin/busybox", rootfs + "/bin/busybox");
  for (const char* tool : kTools) fs::create_symlink("busybox", rootfs + "/bin/" + tool);
  if (PathExists(ProgramPath("onggi_probe"))) {
    fs::copy_file(ProgramPath("onggi_probe"), rootfs + "/bin/probe");
  }
  fs::permissions(rootfs, fs::perms(0755));
}

TempDir MakeTemp() {
  Result<TempDir> temp = TempDir::Make();
  CHECK(temp.has_value());
  (void)chmod(temp->path().c_str(), 0755);  // users of user namespaces pass through
  return std::move(temp).value();
}

}  // namespace

std::string ProgramPath(const std::string& name) {
  if (const char* dir = getenv("ONGGI_BIN")) return std::string(dir) + "/" + name;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/" + name;
}

std::string ReadToEnd(int fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t length = read(fd, buffer, sizeof(buffer));
    if (length <= 0) return text;
    text.append(buffer, static_cast<size_t>(length));
  }
}

int WaitFor(int pidfd) {
  siginfo_t info{};
  if (waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) != 0) return -1;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

TestContainer::TestContainer() : temp_(MakeTemp()), rootfs_(temp_.path() + "/rootfs") {
  FillRoot(rootfs_);
  spec_ = DefaultSpec();
  spec_.root_path = rootfs_;
  spec_.root_readonly = false;
  spec_.process->terminal = false;
  spec_.process->rlimits.clear();
  spec_.process->args = {"/bin/true"};
  options_.id = "test";
  Result<Cgroup> group = Cgroup::Create("/onggi-test-" + RandomHex(6));
  EXPECT_TRUE(group) << group.error().message();
  cgroup_ = std::make_unique<Cgroup>(std::move(group).value());
  options_.cgroup_dirs = cgroup_->dirs();
}

TestContainer::~TestContainer() {
  Kill();
  (void)cgroup_->KillAll();
  Result<> removed = cgroup_->Remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

void TestContainer::Kill() {
  if (!init_.pidfd.valid()) return;
  KillAndReap(init_.pidfd.get());
  init_ = StartedInit();
}

Outcome TestContainer::Run(std::vector<std::string> args) {
  Outcome outcome;
  spec_.process->args = std::move(args);
  Result<> applied = cgroup_->Apply(spec_.linux_.resources);
  if (!applied) return {.error = applied.error().message()};
  Result<Pipe> pipe = MakePipe();
  CHECK(pipe.has_value());
  options_.stdio = {.in = -1, .out = pipe->write.get(), .err = pipe->write.get()};
  Result<StartedInit> init = CreateInit(spec_, options_);
  if (!init) return {.error = init.error().message()};
  pipe->write.reset();
  Result<> started = StartInit(*init);
  if (!started) {
    KillAndReap(init->pidfd.get());
    return {.error = started.error().message()};
  }
  outcome.out =
      ReadToEnd(init->terminal_master.valid() ? init->terminal_master.get() : pipe->read.get());
  outcome.code = WaitFor(init->pidfd.get());
  return outcome;
}

Json TestContainer::Probe(std::vector<std::string> parts) {
  parts.insert(parts.begin(), "/bin/probe");
  const Outcome outcome = Run(parts);
  EXPECT_EQ(outcome.code, 0) << outcome.error << outcome.out;
  Result<Json> json = ParseJson(outcome.out);
  EXPECT_TRUE(json) << outcome.out;
  return json ? std::move(json).value() : Json();
}

Result<> TestContainer::StartSleep() {
  spec_.process->args = {"/bin/sleep", "1000"};
  options_.stdio = {};
  TRY(cgroup_->Apply(spec_.linux_.resources));
  TRY_ASSIGN(init_, CreateInit(spec_, options_));
  return StartInit(init_);
}

Outcome TestContainer::Exec(const spec::Process& process, const std::vector<sock_filter>* seccomp) {
  Outcome outcome;
  Result<Pipe> pipe = MakePipe();
  CHECK(pipe.has_value());
  ExecOptions options{.target_pidfd = init_.pidfd.get(),
                      .stdio = {.in = -1, .out = pipe->write.get(), .err = pipe->write.get()},
                      .cgroup_dirs = cgroup_->dirs(),
                      .seccomp = seccomp};
  Result<StartedExec> exec = StartExec(spec_, process, options);
  if (!exec) return {.error = exec.error().message()};
  pipe->write.reset();
  outcome.out =
      ReadToEnd(exec->terminal_master.valid() ? exec->terminal_master.get() : pipe->read.get());
  outcome.code = WaitFor(exec->pidfd.get());
  return outcome;
}

Outcome TestContainer::ExecShell(const std::string& script) {
  spec::Process process = *spec_.process;
  process.args = {"/bin/sh", "-c", script};
  return Exec(process);
}

}  // namespace onggi::testing
