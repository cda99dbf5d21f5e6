#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "base/file_io.h"
#include "runtime/client/cgroup_files.h"

namespace onggi {
namespace {

// access_type of bpf_cgroup_dev_ctx: the device type in the low half, the access in the high one.
constexpr int kTypeReg = BPF_REG_2;
constexpr int kAccessReg = BPF_REG_3;
constexpr int kMajorReg = BPF_REG_4;
constexpr int kMinorReg = BPF_REG_5;
constexpr int kScratchReg = BPF_REG_1;

bpf_insn Insn(int code, int dst, int src, int16_t off, int32_t imm) {
  return {static_cast<__u8>(code), static_cast<__u8>(dst), static_cast<__u8>(src), off, imm};
}
bpf_insn LoadWord(int dst, size_t offset) {
  return Insn(BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_1, static_cast<int16_t>(offset), 0);
}
bpf_insn JumpIfNot(int reg, int32_t value, int16_t skip) {
  return Insn(BPF_JMP | BPF_JNE | BPF_K, reg, 0, skip, value);
}

int32_t AccessBits(const std::string& access) {
  int32_t bits = 0;
  for (const char c : access) {
    bits |= c == 'r' ? BPF_DEVCG_ACC_READ : c == 'w' ? BPF_DEVCG_ACC_WRITE : BPF_DEVCG_ACC_MKNOD;
  }
  return bits == 0 ? BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD : bits;
}

// The rule's tests, then its answer. An allow rule must cover all that is asked; a deny rule
// answers when it covers any of it.
void AppendRule(const spec::DeviceRule& rule, std::vector<bpf_insn>& program) {
  std::vector<bpf_insn> tests;
  if (rule.type == "b" || rule.type == "c") {
    tests.push_back(
        JumpIfNot(kTypeReg, rule.type == "b" ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR, 0));
  }
  if (rule.major && *rule.major >= 0) {
    tests.push_back(JumpIfNot(kMajorReg, static_cast<int32_t>(*rule.major), 0));
  }
  if (rule.minor && *rule.minor >= 0) {
    tests.push_back(JumpIfNot(kMinorReg, static_cast<int32_t>(*rule.minor), 0));
  }
  const int32_t bits = AccessBits(rule.access);
  tests.push_back(Insn(BPF_ALU64 | BPF_MOV | BPF_X, kScratchReg, kAccessReg, 0, 0));
  if (rule.allow) {
    // What is asked beyond the rule must be nothing.
    tests.push_back(Insn(BPF_ALU64 | BPF_AND | BPF_K, kScratchReg, 0, 0, ~bits));
    tests.push_back(JumpIfNot(kScratchReg, 0, 0));
  } else {
    tests.push_back(Insn(BPF_ALU64 | BPF_AND | BPF_K, kScratchReg, 0, 0, bits));
    tests.push_back(Insn(BPF_JMP | BPF_JEQ | BPF_K, kScratchReg, 0, 0, 0));
  }
  tests.push_back(Insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, rule.allow ? 1 : 0));
  tests.push_back(Insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
  for (size_t i = 0; i < tests.size(); ++i) {
    if (BPF_CLASS(tests[i].code) == BPF_JMP && BPF_OP(tests[i].code) != BPF_EXIT) {
      tests[i].off = static_cast<int16_t>(tests.size() - i - 1);
    }
  }
  program.insert(program.end(), tests.begin(), tests.end());
}

// Later rules win, as in v1, so they are asked first. Nothing said is "no".
std::vector<bpf_insn> BuildProgram(const std::vector<spec::DeviceRule>& rules) {
  std::vector<bpf_insn> program = {
      LoadWord(kTypeReg, offsetof(bpf_cgroup_dev_ctx, access_type)),
      Insn(BPF_ALU64 | BPF_MOV | BPF_X, kAccessReg, kTypeReg, 0, 0),
      Insn(BPF_ALU64 | BPF_AND | BPF_K, kTypeReg, 0, 0, 0xffff),
      Insn(BPF_ALU64 | BPF_RSH | BPF_K, kAccessReg, 0, 0, 16),
      LoadWord(kMajorReg, offsetof(bpf_cgroup_dev_ctx, major)),
      LoadWord(kMinorReg, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    AppendRule(*rule, program);
    const bool everything = (rule->type.empty() || rule->type == "a") && !rule->major &&
                            !rule->minor &&
                            rule->access.find_first_not_of("rwm") == std::string::npos;
    if (everything && (rule->access.empty() || rule->access.size() == 3)) break;  // hides the rest
  }
  program.push_back(Insn(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0));
  program.push_back(Insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
  return program;
}

int Bpf(int command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof(attributes)));
}

Result<UniqueFd> LoadProgram(const std::vector<bpf_insn>& program) {
  static const char kLicense[] = "Apache-2.0";
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<__u64>(program.data());
  attributes.insn_cnt = static_cast<__u32>(program.size());
  attributes.license = reinterpret_cast<__u64>(kLicense);
  UniqueFd fd(Bpf(BPF_PROG_LOAD, attributes));
  if (!fd.valid()) return SysError("bpf(BPF_PROG_LOAD, cgroup device)");
  return fd;
}

std::vector<__u32> AttachedPrograms(int dir_fd) {
  std::vector<__u32> ids(64);
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<__u32>(dir_fd);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = reinterpret_cast<__u64>(ids.data());
  attributes.query.prog_cnt = static_cast<__u32>(ids.size());
  if (Bpf(BPF_PROG_QUERY, attributes) != 0) return {};
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

void Detach(int dir_fd, __u32 program_id) {
  bpf_attr by_id{};
  by_id.prog_id = program_id;
  const UniqueFd program(Bpf(BPF_PROG_GET_FD_BY_ID, by_id));
  if (!program.valid()) return;
  bpf_attr attributes{};
  attributes.target_fd = static_cast<__u32>(dir_fd);
  attributes.attach_bpf_fd = static_cast<__u32>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  (void)Bpf(BPF_PROG_DETACH, attributes);  // gone already is as good
}

}  // namespace

std::vector<spec::DeviceRule> DefaultDeviceRules() {
  struct Row {
    int64_t major;
    int64_t minor;  // -1: any
  };
  static constexpr Row kRows[] = {{1, 3},   {1, 5}, {1, 7}, {1, 8},  // null zero full random
                                  {1, 9},   {5, 0}, {5, 1}, {5, 2},  // urandom tty console ptmx
                                  {136, -1}};                        // pts
  std::vector<spec::DeviceRule> rules;
  for (const Row& row : kRows) {
    spec::DeviceRule rule{.allow = true, .type = "c", .major = row.major, .access = "rwm"};
    if (row.minor >= 0) rule.minor = row.minor;
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<> AttachDeviceProgram(const std::string& dir, const std::vector<spec::DeviceRule>& rules) {
  TRY_ASSIGN(const UniqueFd group, Open(dir, O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(const UniqueFd program, LoadProgram(BuildProgram(rules)));
  const std::vector<__u32> before = AttachedPrograms(group.get());
  bpf_attr attributes{};
  attributes.target_fd = static_cast<__u32>(group.get());
  attributes.attach_bpf_fd = static_cast<__u32>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (Bpf(BPF_PROG_ATTACH, attributes) != 0) return SysError("bpf(BPF_PROG_ATTACH, " + dir + ")");
  // All attached programs must agree, so between the two calls the group has less, never more.
  for (const __u32 id : before) Detach(group.get(), id);
  return Ok();
}

}  // namespace onggi
