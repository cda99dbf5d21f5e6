#include "runtime/kernel/seccomp.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/file_io.h"

namespace onggi {
namespace {

using Context = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

struct ArchitectureRow {
  std::string_view name;
  uint32_t token;
};
// SCMP_ARCH_X32 is known and left out on purpose: see the header.
constexpr ArchitectureRow kArchitectures[] = {
    {"SCMP_ARCH_X86", SCMP_ARCH_X86},         {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM},         {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
    {"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE}, {"SCMP_ARCH_S390", SCMP_ARCH_S390},
    {"SCMP_ARCH_S390X", SCMP_ARCH_S390X},     {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64},
};
// Those that never run here; libseccomp would refuse to mix byte orders.
constexpr std::string_view kForeign[] = {
    "SCMP_ARCH_X32",    "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",
    "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",  "SCMP_ARCH_PARISC",   "SCMP_ARCH_PARISC64"};

struct OperatorRow {
  std::string_view name;
  scmp_compare op;
};
constexpr OperatorRow kOperators[] = {{"SCMP_CMP_NE", SCMP_CMP_NE},
                                      {"SCMP_CMP_LT", SCMP_CMP_LT},
                                      {"SCMP_CMP_LE", SCMP_CMP_LE},
                                      {"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                      {"SCMP_CMP_GE", SCMP_CMP_GE},
                                      {"SCMP_CMP_GT", SCMP_CMP_GT},
                                      {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};

// Arguments that the kernel takes as 32-bit integers, of the calls that profiles filter by value.
struct IntArgumentRow {
  std::string_view name;
  uint32_t arguments;  // bit per index
};
constexpr IntArgumentRow kIntArguments[] = {{"socket", 0b111},
                                            {"socketpair", 0b111},
                                            {"personality", 0b1},
                                            {"ioctl", 0b11},
                                            {"fcntl", 0b11},
                                            {"fcntl64", 0b11},
                                            {"prctl", 0b1},
                                            {"setsockopt", 0b111},
                                            {"getsockopt", 0b111},
                                            {"keyctl", 0b1},
                                            {"bpf", 0b1},
                                            {"perf_event_open", 0b11110},
                                            {"mknod", 0b10},
                                            {"mknodat", 0b101},
                                            {"chmod", 0b10},
                                            {"fchmod", 0b11},
                                            {"fchmodat", 0b101},
                                            {"umask", 0b1},
                                            {"open", 0b110},
                                            {"openat", 0b1101},
                                            {"kill", 0b11},
                                            {"tgkill", 0b111},
                                            {"sched_setscheduler", 0b11},
                                            {"setns", 0b11},
                                            {"shmget", 0b100},
                                            {"semctl", 0b111},
                                            {"clock_adjtime", 0b1},
                                            {"clock_settime", 0b1},
                                            {"quotactl", 0b101},
                                            {"syslog", 0b101},
                                            {"reboot", 0b111}};
constexpr uint64_t kLow32 = 0xffffffff;

bool IsInt(std::string_view syscall_name, uint32_t index) {
  for (const IntArgumentRow& row : kIntArguments) {
    if (row.name == syscall_name) return (row.arguments >> index & 1) != 0;
  }
  return false;
}

Result<uint32_t> Action(const std::string& name, const std::optional<uint32_t>& errno_ret) {
  const auto value = static_cast<uint16_t>(errno_ret.value_or(EPERM));
  if (name == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(value);
  if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD") return SCMP_ACT_KILL_THREAD;
  if (name == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
  if (name == "SCMP_ACT_TRAP") return SCMP_ACT_TRAP;
  if (name == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(value);
  if (name == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
  if (name == "SCMP_ACT_NOTIFY") {
    return Unimplemented("seccomp action SCMP_ACT_NOTIFY is not supported");
  }
  return InvalidArgument("seccomp action " + name + " is not known");
}

Result<> AddArchitectures(scmp_filter_ctx context, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    bool known = false;
    for (const std::string_view foreign : kForeign) known = known || foreign == name;
    for (const ArchitectureRow& row : kArchitectures) {
      if (row.name != name) continue;
      known = true;
      const int err = seccomp_arch_add(context, row.token);
      // EDOM: the other byte order; such a program cannot run here at all.
      if (err != 0 && err != -EEXIST && err != -EDOM) {
        return SysError("seccomp_arch_add(" + name + ")", -err);
      }
    }
    if (!known) return InvalidArgument("seccomp architecture " + name + " is not known");
  }
  return Ok();
}

Result<scmp_arg_cmp> Compare(const std::string& syscall_name, const spec::SeccompArg& arg) {
  for (const OperatorRow& row : kOperators) {
    if (row.name != arg.op) continue;
    scmp_arg_cmp compare{arg.index, row.op, arg.value, arg.value_two};
    if (!IsInt(syscall_name, arg.index)) return compare;
    if (row.op == SCMP_CMP_EQ) {
      compare = {arg.index, SCMP_CMP_MASKED_EQ, kLow32, arg.value & kLow32};
    } else if (row.op == SCMP_CMP_MASKED_EQ) {
      compare.datum_a &= kLow32;
      compare.datum_b &= kLow32;
    }
    return compare;
  }
  return InvalidArgument("seccomp operator " + arg.op + " is not known");
}

Result<> AddRule(scmp_filter_ctx context, uint32_t action, int number,
                 const std::vector<scmp_arg_cmp>& compares) {
  const int err = seccomp_rule_add_array(
      context, action, number, static_cast<unsigned int>(compares.size()), compares.data());
  // EEXIST: said twice. EACCES: the same action as the default. Both say nothing new.
  if (err == 0 || err == -EEXIST || err == -EACCES) return Ok();
  return SysError("seccomp_rule_add(" + std::to_string(number) + ")", -err);
}

// "Not equal" in the low 32 bits is "some bit differs": one rule per bit, since rules are
// alternatives.
Result<> AddNotEqual(scmp_filter_ctx context, uint32_t action, int number,
                     std::vector<scmp_arg_cmp> compares, size_t which) {
  const uint64_t value = compares[which].datum_a;
  for (unsigned int bit = 0; bit < 32; ++bit) {
    const uint64_t mask = uint64_t{1} << bit;
    compares[which] = {compares[which].arg, SCMP_CMP_MASKED_EQ, mask, ~value & mask};
    TRY(AddRule(context, action, number, compares));
  }
  return Ok();
}

Result<> AddCall(scmp_filter_ctx context, uint32_t action, const std::string& name,
                 const std::vector<spec::SeccompArg>& args) {
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) return Ok();
  std::vector<scmp_arg_cmp> compares;
  std::optional<size_t> not_equal;
  bool repeated = false;
  for (const spec::SeccompArg& arg : args) {
    TRY_ASSIGN(const scmp_arg_cmp compare, Compare(name, arg));
    for (const scmp_arg_cmp& other : compares) repeated = repeated || other.arg == compare.arg;
    if (compare.op == SCMP_CMP_NE && IsInt(name, arg.index)) not_equal = compares.size();
    compares.push_back(compare);
  }
  // libseccomp takes each argument once per rule; several conditions on one are alternatives, as in
  // runc.
  if (repeated) {
    for (const scmp_arg_cmp& compare : compares) TRY(AddRule(context, action, number, {compare}));
    return Ok();
  }
  if (not_equal) return AddNotEqual(context, action, number, std::move(compares), *not_equal);
  return AddRule(context, action, number, compares);
}

Result<std::vector<sock_filter>> Export(scmp_filter_ctx context) {
  const UniqueFd memory(memfd_create("seccomp", MFD_CLOEXEC));
  if (!memory.valid()) return SysError("memfd_create");
  const int err = seccomp_export_bpf(context, memory.get());
  if (err != 0) return SysError("seccomp_export_bpf", -err);
  const off_t size = lseek(memory.get(), 0, SEEK_END);
  std::vector<sock_filter> program(static_cast<size_t>(size) / sizeof(sock_filter));
  const size_t bytes = program.size() * sizeof(sock_filter);
  if (pread(memory.get(), program.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    return SysError("pread(seccomp program)");
  }
  return program;
}

#if defined(__x86_64__)
constexpr uint32_t kNativeArchitecture = AUDIT_ARCH_X86_64;
constexpr uint32_t kNumberLimit = 0x40000000;  // the x32 bit
#elif defined(__aarch64__)
constexpr uint32_t kNativeArchitecture = AUDIT_ARCH_AARCH64;
constexpr uint32_t kNumberLimit = 0x7fffffff;
#endif

sock_filter Statement(unsigned int code, uint32_t k) {
  return {static_cast<__u16>(code), 0, 0, k};
}
sock_filter Jump(unsigned int code, uint32_t k, int yes, int no) {
  return {static_cast<__u16>(code), static_cast<__u8>(yes), static_cast<__u8>(no), k};
}

// In front of the program: native calls above NEWEST answer ENOSYS.
void PrependNewerCalls(int newest, std::vector<sock_filter>& program) {
  const sock_filter head[] = {
      Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      Jump(BPF_JMP | BPF_JEQ | BPF_K, kNativeArchitecture, 0, 4),
      Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      Jump(BPF_JMP | BPF_JGE | BPF_K, kNumberLimit, 2, 0),
      Jump(BPF_JMP | BPF_JGT | BPF_K, static_cast<uint32_t>(newest), 0, 1),
      Statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  program.insert(program.begin(), std::begin(head), std::end(head));
}

struct FlagRow {
  std::string_view name;
  unsigned int flag;
};
constexpr FlagRow kFlags[] = {{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
                              {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
                              {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW}};

Result<> AddRules(scmp_filter_ctx context, const spec::Seccomp& seccomp, int& newest,
                  bool& says_clone3) {
  for (const spec::SeccompRule& rule : seccomp.syscalls) {
    TRY_ASSIGN(const uint32_t action, Action(rule.action, rule.errno_ret));
    for (const std::string& name : rule.names) {
      says_clone3 = says_clone3 || name == "clone3";
      newest = std::max(newest, seccomp_syscall_resolve_name(name.c_str()));
      TRY(AddCall(context, action, name, rule.args).Wrap("seccomp " + name));
    }
  }
  return Ok();
}

}  // namespace

Result<std::vector<sock_filter>> CompileSeccomp(const spec::Seccomp& seccomp) {
  TRY_ASSIGN(const uint32_t fallback, Action(seccomp.default_action, seccomp.default_errno_ret));
  const Context context(seccomp_init(fallback), &seccomp_release);
  if (!context) return Internal("seccomp_init failed");
  // Decision tree instead of a list: a call is judged in some ten steps instead of hundreds.
  (void)seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // old libseccomp: a list
  (void)seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  TRY(AddArchitectures(context.get(), seccomp.architectures));
  int newest = -1;
  bool says_clone3 = false;
  TRY(AddRules(context.get(), seccomp, newest, says_clone3));
  const bool refuses = seccomp.default_action == "SCMP_ACT_ERRNO";
  if (refuses && !says_clone3) TRY(AddCall(context.get(), SCMP_ACT_ERRNO(ENOSYS), "clone3", {}));
  TRY_ASSIGN(std::vector<sock_filter> program, Export(context.get()));
  if (refuses && newest > 0) {
    PrependNewerCalls(std::max(newest, static_cast<int>(SYS_clone3)), program);
  }
  return program;
}

Result<unsigned int> SeccompFlags(const spec::Seccomp& seccomp) {
  if (seccomp.flags.empty()) return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  unsigned int flags = 0;
  for (const std::string& name : seccomp.flags) {
    const FlagRow* found = nullptr;
    for (const FlagRow& row : kFlags) {
      if (row.name == name) found = &row;
    }
    if (found == nullptr) return InvalidArgument("seccomp flag " + name + " is not known");
    flags |= found->flag;
  }
  return flags;
}

int LoadSeccomp(const std::vector<sock_filter>& program, unsigned int flags) {
  const sock_fprog prog{static_cast<unsigned short>(program.size()),
                        const_cast<sock_filter*>(program.data())};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog) != 0) return errno;
  return 0;
}

}  // namespace onggi
