#include "base/rooted_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/strings.h"

namespace onggi {
namespace {

constexpr int kRaceRetries = 128;
constexpr uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

}  // namespace

Result<UniqueFd> OpenAt2(int dir_fd, std::string_view path, int flags, uint64_t resolve) {
  std::string name(path.empty() ? "." : path);
  if (name.find('\0') != std::string::npos) return InvalidArgument("path holds a NUL byte");
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = resolve;
  int fd = -1;
  for (int i = 0; i < kRaceRetries; ++i) {
    fd = static_cast<int>(syscall(SYS_openat2, dir_fd, name.c_str(), &how, sizeof how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  if (fd < 0) return SysError("openat2(" + name + ")");
  return UniqueFd(fd);
}

Result<UniqueFd> RootedPath::Open(std::string_view path, int flags) const {
  return OpenAt2(root_fd_, path, flags, kInRoot);
}

Result<UniqueFd> RootedPath::OpenNoLinks(std::string_view path, int flags) const {
  return OpenAt2(root_fd_, path, flags, kInRoot | RESOLVE_NO_SYMLINKS);
}

Result<UniqueFd> RootedPath::MakeDirs(std::string_view path, mode_t mode) const {
  auto whole = Open(path, O_PATH | O_DIRECTORY);
  if (whole.has_value() || whole.error().sys_errno() != ENOENT) return whole;
  // Walk from the root so that each missing component is made in a directory that we hold open. The
  // prefix is resolved anew each time: ".." and links mean what they mean inside the root.
  std::string prefix;
  TRY_ASSIGN(UniqueFd parent, Open("/", O_PATH | O_DIRECTORY));
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    prefix += "/" + std::string(part);
    auto next = Open(prefix, O_PATH | O_DIRECTORY);
    if (!next.has_value() && next.error().sys_errno() == ENOENT && part != "..") {
      if (mkdirat(parent.get(), std::string(part).c_str(), mode) != 0 && errno != EEXIST) {
        return SysError("mkdir(" + prefix + ")");
      }
      next = Open(prefix, O_PATH | O_DIRECTORY);
    }
    if (!next.has_value()) return std::move(next).error();
    parent = std::move(next).value();
  }
  return parent;
}

Result<RootedPath::Parent> RootedPath::OpenParent(std::string_view path) const {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  size_t slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  std::string_view dir = slash == std::string_view::npos ? "" : path.substr(0, slash);
  if (name.empty() || name == "." || name == "..") {
    return InvalidArgument("path " + Quote(path) + " does not name an entry");
  }
  TRY_ASSIGN(UniqueFd fd, Open(dir.empty() ? "/" : dir, O_PATH | O_DIRECTORY));
  return Parent{std::move(fd), std::string(name)};
}

std::string ProcFdPath(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

}  // namespace onggi
