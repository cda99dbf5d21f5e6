#include "runtime/state/seccomp_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/file_io.h"
#include "runtime/kernel/seccomp.h"

namespace onggi {
namespace {

// Changes when the compiler's output does.
constexpr std::string_view kVersion = "onggi seccomp 1\n";

void Add(std::string& key, std::string_view text) {
  key += text;
  key += '\0';
}

// Every field that the compiler reads, unambiguous: each ends with a NUL, which no name holds
// twice in a row.
std::string KeyOf(const spec::Seccomp& seccomp) {
  std::string key(kVersion);
  key.reserve(16384);
  Add(key, seccomp.default_action);
  Add(key, std::to_string(seccomp.default_errno_ret.value_or(~0U)));
  for (const auto& name : seccomp.architectures) Add(key, name);
  Add(key, "|");
  for (const spec::SeccompRule& rule : seccomp.syscalls) {
    Add(key, rule.action);
    Add(key, std::to_string(rule.errno_ret.value_or(~0U)));
    for (const auto& name : rule.names) Add(key, name);
    Add(key, "|");
    for (const spec::SeccompArg& arg : rule.args) {
      Add(key, std::to_string(arg.index) + " " + std::to_string(arg.value) + " " +
                   std::to_string(arg.value_two) + " " + arg.op);
    }
    Add(key, "|");
  }
  return key;
}

// FNV-1a: only a file name; see the header.
std::string NameOf(const std::string& key) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : key) hash = (hash ^ c) * 0x100000001b3;
  char text[17];
  (void)snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// Another user's file would be another user's filter.
bool IsOurs(const std::string& path) {
  struct stat st {};
  return lstat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

std::vector<sock_filter> ReadCached(const std::string& path, const std::string& key) {
  if (!IsOurs(path)) return {};
  const Result<std::string> text = ReadFile(path);
  if (!text || text->size() <= key.size() || text->compare(0, key.size(), key) != 0) return {};
  const size_t bytes = text->size() - key.size();
  if (bytes % sizeof(sock_filter) != 0) return {};
  std::vector<sock_filter> program(bytes / sizeof(sock_filter));
  std::memcpy(program.data(), text->data() + key.size(), bytes);
  return program;
}

}  // namespace

Result<std::vector<sock_filter>> CachedSeccomp(const std::string& root,
                                               const spec::Seccomp& seccomp) {
  const std::string key = KeyOf(seccomp);
  const std::string directory = root + "/.seccomp";
  const std::string path = directory + "/" + NameOf(key);
  std::vector<sock_filter> program = ReadCached(path, key);
  if (!program.empty()) return program;
  TRY_ASSIGN(program, CompileSeccomp(seccomp));
  const std::string_view bytes(reinterpret_cast<const char*>(program.data()),
                               program.size() * sizeof(sock_filter));
  // Best effort: without the cache the next create compiles again.
  if (MakeDirs(directory, 0700)) (void)WriteFileAtomic(path, key + std::string(bytes), 0600);
  return program;
}

}  // namespace onggi
