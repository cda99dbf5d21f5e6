#include "runtime/monitor/seccomp_cache.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "base/file_io.h"
#include "base/unix_socket.h"
#include "runtime/kernel/seccomp.h"
#include "runtime/spec/parse.h"

namespace onggi {
namespace {

// Of linux/filter.h: longer programs are refused by the kernel.
constexpr size_t kMaxInstructions = BPF_MAXINSNS;
constexpr size_t kMaxFile = 8 << 20;

// What a program depends on: the profile, and the program that compiled it.
std::string KeyOf(const spec::Seccomp& seccomp) {
  spec::Spec only;
  only.linux_.seccomp = seccomp;
  struct stat st {};
  (void)stat("/proc/self/exe", &st);  // without it the profile alone is the key
  return std::to_string(st.st_ino) + " " + std::to_string(st.st_size) + " " +
         std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec) + "\n" +
         spec::FormatSpec(only);
}

std::string_view BytesOf(const std::vector<sock_filter>& program) {
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

Result<std::vector<sock_filter>> ProgramOf(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % sizeof(sock_filter) != 0 ||
      bytes.size() / sizeof(sock_filter) > kMaxInstructions) {
    return Internal("a seccomp program of " + std::to_string(bytes.size()) + " bytes");
  }
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  memcpy(program.data(), bytes.data(), bytes.size());
  return program;
}

// First byte of the child's answer: 0, or the error's code.
std::string Compile(const spec::Seccomp& seccomp) {
  auto program = CompileSeccomp(seccomp);
  if (program) return std::string(1, '\0') + std::string(BytesOf(*program));
  return std::string(1, static_cast<char>(program.error().code())) + program.error().message();
}

Result<std::vector<sock_filter>> CompileInChild(const spec::Seccomp& seccomp) {
  TRY_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  pid_t child = fork();
  if (child < 0) return SysError("fork");
  if (child == 0) _exit(SendFrame(pair.second.get(), Compile(seccomp)) ? 0 : 1);
  pair.second.reset();
  auto answer = ReceiveFrame(pair.first.get());
  (void)waitpid(child, nullptr, 0);  // the answer says all
  if (!answer || answer->bytes.empty()) return Internal("the seccomp compiler died");
  if (answer->bytes[0] == '\0') return ProgramOf(std::string_view(answer->bytes).substr(1));
  return Error(static_cast<Code>(answer->bytes[0]), answer->bytes.substr(1));
}

}  // namespace

Result<SeccompCache::Program> SeccompCache::Get(const spec::Spec& spec) {
  if (!spec.linux_.seccomp) return Program();
  std::string key = KeyOf(*spec.linux_.seccomp);
  std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
  // The number only finds the file; the key inside decides.
  std::string name = "seccomp-" + std::to_string(std::hash<std::string>()(key));
  auto found = known_.find(name);
  if (found != known_.end()) {
    if (Program program = found->second.lock()) return program;
  }
  auto program = directory_.empty() ? Result<std::vector<sock_filter>>(NotFound("no directory"))
                                    : Load(directory_ + "/" + name, key);
  if (!program) {
    program = CompileInChild(*spec.linux_.seccomp);
    if (program && !directory_.empty()) Save(name, key, *program);
  }
  if (!program) return std::move(program).error();
  auto kept = std::make_shared<const std::vector<sock_filter>>(std::move(*program));
  known_[name] = kept;
  return Program(kept);
}

Result<std::vector<sock_filter>> SeccompCache::Load(const std::string& path,
                                                    const std::string& key) const {
  TRY_ASSIGN(UniqueFd file, Open(path, O_RDONLY | O_NOFOLLOW));
  TRY_ASSIGN(std::string text, ReadAll(file.get(), kMaxFile));
  if (!text.starts_with(key) || text.size() == key.size() || text[key.size()] != '\0') {
    return NotFound(path + " is of another profile");
  }
  return ProgramOf(std::string_view(text).substr(key.size() + 1));
}

void SeccompCache::Save(const std::string& name, const std::string& key,
                        const std::vector<sock_filter>& program) const {
  if (!MakeDirs(directory_, 0700)) return;  // then each pod compiles for itself
  std::string text = key;
  text.push_back('\0');
  text += BytesOf(program);
  (void)WriteFileAtomic(directory_ + "/" + name, text, 0600);  // likewise
}

}  // namespace onggi
