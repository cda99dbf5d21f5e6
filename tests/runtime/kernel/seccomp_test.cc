#include "runtime/kernel/seccomp.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "tests/runtime/support/default_profile.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::FailsWith;
using ::onggi::testing::SmallProfile;

constexpr uint64_t kHigh = uint64_t{1} << 32;

// errno of CALL under PROFILE; -SIGNAL when it was killed.
int UnderFilter(const spec::Seccomp& profile, const std::function<long()>& call) {
  const Result<std::vector<sock_filter>> program = CompileSeccomp(profile);
  EXPECT_TRUE(program) << program.error().message();
  const pid_t child = fork();
  if (child == 0) {
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (LoadSeccomp(*program, 0) != 0) _exit(250);
    errno = 0;
    _exit(call() < 0 ? errno : 0);
  }
  int status = 0;
  (void)waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Seccomp, AnswersTheDefaultErrorForWhatIsNotListed) {
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(SYS_sethostname, "x", 1); }), EPERM);
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(SYS_getpid); }), 0);
}

TEST(Seccomp, NotEqualOnAnIntIgnoresHighBits) {
  const auto open_socket = [](uint64_t family) {
    return [family] { return syscall(SYS_socket, family, SOCK_STREAM, 0); };
  };
  EXPECT_EQ(UnderFilter(SmallProfile(), open_socket(AF_UNIX)), 0);
  EXPECT_EQ(UnderFilter(SmallProfile(), open_socket(40)), EPERM);
  for (int bit = 32; bit < 64; ++bit) {
    EXPECT_EQ(UnderFilter(SmallProfile(), open_socket(40 | uint64_t{1} << bit)), EPERM) << bit;
  }
}

TEST(Seccomp, EqualOnAnIntIgnoresHighBits) {
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(SYS_personality, 0x20000 | kHigh); }),
            0);
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(SYS_personality, 0x20001); }), EPERM);
}

TEST(Seccomp, NewerCallsAndClone3AnswerNoSuchCall) {
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(SYS_clone3, nullptr, 0); }), ENOSYS);
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(599); }), ENOSYS);
}

TEST(Seccomp, KillsX32EvenWhenTheProfileListsIt) {
  EXPECT_EQ(UnderFilter(SmallProfile(), [] { return syscall(0x40000000 + SYS_getpid); }), -SIGSYS);
}

TEST(Seccomp, SkipsNamesThatThisMachineLacks) {
  spec::Seccomp profile = SmallProfile();
  profile.syscalls[0].names.push_back("arm_fadvise64_64");
  profile.syscalls[0].names.push_back("call_of_the_future");
  EXPECT_EQ(UnderFilter(profile, [] { return syscall(SYS_getpid); }), 0);
}

TEST(Seccomp, RefusesUnknownWords) {
  spec::Seccomp profile = SmallProfile();
  profile.default_action = "SCMP_ACT_MAYBE";
  EXPECT_THAT(CompileSeccomp(profile), FailsWith(Code::kInvalidArgument));
  profile = SmallProfile();
  profile.architectures.push_back("SCMP_ARCH_PDP11");
  EXPECT_THAT(CompileSeccomp(profile), FailsWith(Code::kInvalidArgument));
  profile = SmallProfile();
  profile.flags = {"SECCOMP_FILTER_FLAG_WAT"};
  EXPECT_THAT(SeccompFlags(profile), FailsWith(Code::kInvalidArgument));
  profile = SmallProfile();
  profile.syscalls[0].action = "SCMP_ACT_NOTIFY";
  EXPECT_THAT(CompileSeccomp(profile), FailsWith(Code::kUnimplemented));
}

TEST(Seccomp, ConditionsOnOneArgumentAreAlternatives) {
  spec::Seccomp profile = SmallProfile();
  profile.syscalls[2].args = {{.index = 0, .value = 1, .op = "SCMP_CMP_EQ"},
                              {.index = 0, .value = 0x20000, .op = "SCMP_CMP_EQ"}};
  EXPECT_EQ(UnderFilter(profile, [] { return syscall(SYS_personality, 0x20000); }), 0);
  EXPECT_EQ(UnderFilter(profile, [] { return syscall(SYS_personality, 2); }), EPERM);
}

}  // namespace
}  // namespace onggi
