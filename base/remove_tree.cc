#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/id.h"
#include "base/rooted_path.h"

namespace onggi {
namespace {

// A container may nest directories without end, while each level costs us an fd and a stack frame:
// what lies deeper is moved up to the top and removed in a further round.
constexpr int kMaxDepth = 64;
// Rounds without anything moved: some file systems skip names when entries go while one reads.
constexpr int kMaxRetries = 8;

class TreeRemover {
 public:
  explicit TreeRemover(int top) : top_(top) {}

  Result<> Run() {
    for (int retries = 0; retries < kMaxRetries;) {
      moved_ = again_ = false;
      TRY_ASSIGN(UniqueFd top, OpenAt(top_, ".", O_RDONLY | O_DIRECTORY));
      TRY(Empty(std::move(top), 0));
      if (!moved_ && !again_) return Ok();
      if (!moved_) ++retries;
    }
    return Ok();  // rmdir tells what is left
  }

 private:
  Result<> Empty(UniqueFd dir, int depth) {
    DIR* stream = fdopendir(dir.get());
    if (stream == nullptr) return SysError("fdopendir");
    (void)dir.Release();  // the stream owns it now
    Result<> outcome = Ok();
    while (outcome.has_value()) {
      errno = 0;
      dirent* entry = readdir(stream);
      if (entry == nullptr) {
        if (errno != 0) outcome = SysError("readdir");
        break;
      }
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      outcome = RemoveEntry(dirfd(stream), name, entry->d_type == DT_DIR, depth);
    }
    (void)closedir(stream);  // read-only: nothing to lose
    return outcome;
  }

  Result<> RemoveEntry(int dir, const std::string& name, bool is_directory, int depth) {
    if (!is_directory) {
      if (unlinkat(dir, name.c_str(), 0) == 0 || errno == ENOENT) return Ok();
      if (errno != EISDIR) return SysError("unlink(" + name + ")");
    }
    if (depth == kMaxDepth) return MoveUp(dir, name);
    // RESOLVE_NO_XDEV stops at bind mounts of the same file system too, which st_dev does not show.
    auto child = OpenAt2(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_XDEV);
    if (!child) {
      int why = child.error().sys_errno();
      if (why == ENOENT) return Ok();
      if (why == EXDEV) return FailedPrecondition(name + " is a mount point");
      return std::move(child).error();
    }
    TRY(Empty(std::move(child).value(), depth + 1).Wrap(name));
    if (unlinkat(dir, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return Ok();
    if (errno != ENOTEMPTY) return SysError("rmdir(" + name + ")");
    again_ = true;
    return Ok();
  }

  Result<> MoveUp(int dir, const std::string& name) {
    // An empty directory, or the end of a chain that is not longer.
    if (unlinkat(dir, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return Ok();
    std::string to = "onggi-deep-" + RandomHex(8);
    if (renameat(dir, name.c_str(), top_, to.c_str()) != 0) return SysError("rename(" + name + ")");
    moved_ = true;
    return Ok();
  }

  int top_;
  bool moved_ = false;
  bool again_ = false;
};

}  // namespace

Result<> RemoveTreeAt(int dir_fd, const std::string& name) {
  // Most of what is removed is no directory.
  if (unlinkat(dir_fd, name.c_str(), 0) == 0 || errno == ENOENT) return Ok();
  if (errno != EISDIR) return SysError("unlink(" + name + ")");
  auto top = OpenAt(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!top && top.error().sys_errno() == ENOENT) return Ok();
  if (!top) return std::move(top).error();
  TRY(TreeRemover(top->get()).Run().Wrap(name));
  if (unlinkat(dir_fd, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return SysError("rmdir(" + name + ")");
  }
  return Ok();
}

Result<> RemoveTree(const std::string& path) {
  return RemoveTreeAt(AT_FDCWD, path);
}

}  // namespace onggi
