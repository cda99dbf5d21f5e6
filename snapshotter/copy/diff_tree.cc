#include "snapshotter/copy/diff_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include "base/file_io.h"
#include "base/strings.h"
#include "snapshotter/copy/copy_tree.h"
#include "snapshotter/directory_draft.h"
#include "snapshotter/directory_reader.h"
#include "snapshotter/inode_attributes.h"

namespace onggi {
namespace {

Result<std::set<std::string>> NamesIn(int dir) {
  TRY_ASSIGN(UniqueFd fd, OpenDirectory(dir, "."));
  TRY_ASSIGN(DirectoryReader reader, DirectoryReader::Open(std::move(fd)));
  std::set<std::string> names;
  while (true) {
    TRY_ASSIGN(const char* name, reader.Next());
    if (name == nullptr) return names;
    names.emplace(name);
  }
}

bool Earlier(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

bool SameAttributes(const struct stat& a, const struct stat& b) {
  if (a.st_mode != b.st_mode || a.st_uid != b.st_uid || a.st_gid != b.st_gid) return false;
  if (S_ISDIR(a.st_mode)) return true;  // its times follow from what was done in it
  return a.st_rdev == b.st_rdev && a.st_size == b.st_size &&
         NanosOf(a.st_mtim) == NanosOf(b.st_mtim);
}

Result<bool> SameXattrs(int dir_a, int dir_b, const std::string& name) {
  TRY_ASSIGN(UniqueFd a, OpenAt(dir_a, name, O_PATH | O_NOFOLLOW));
  TRY_ASSIGN(UniqueFd b, OpenAt(dir_b, name, O_PATH | O_NOFOLLOW));
  TRY_ASSIGN(Xattrs of_a, InodeXattrs(a.get()));
  TRY_ASSIGN(Xattrs of_b, InodeXattrs(b.get()));
  return of_a == of_b;
}

Result<bool> SameContents(int dir_a, int dir_b, const std::string& name) {
  TRY_ASSIGN(UniqueFd a, OpenAt(dir_a, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  TRY_ASSIGN(UniqueFd b, OpenAt(dir_b, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  std::string of_a(1 << 16, '\0');
  std::string of_b(1 << 16, '\0');
  for (off_t at = 0;; at += static_cast<off_t>(of_a.size())) {
    ssize_t n = pread(a.get(), of_a.data(), of_a.size(), at);
    ssize_t m = pread(b.get(), of_b.data(), of_b.size(), at);
    if (n < 0 || m < 0) return SysError("read");
    if (n != m || of_a.compare(0, n, of_b, 0, m) != 0) return false;
    if (static_cast<size_t>(n) < of_a.size()) return true;
  }
}

std::string LinkTarget(int dir, const std::string& name) {
  char target[4096];
  ssize_t n = readlinkat(dir, name.c_str(), target, sizeof target);
  return n < 0 ? "" : std::string(target, static_cast<size_t>(n));
}

class Differ {
 public:
  Differ(timespec untouched_before, int out) : untouched_before_(untouched_before), copier_(out) {}

  Result<> Directory(int before, int after, int out, const std::string& path) {
    TRY(CheckPathLength(path));
    TRY_ASSIGN(std::set<std::string> old_names, NamesIn(before));
    TRY_ASSIGN(std::set<std::string> new_names, NamesIn(after));
    for (const std::string& name : old_names) {
      if (new_names.count(name) == 0) TRY(MakeWhiteout(out, name));
    }
    for (const std::string& name : new_names) {
      bool known = old_names.count(name) > 0;
      TRY(Entry(known ? before : -1, after, name, out, path).Wrap(Quote(name)));
    }
    return Ok();
  }

 private:
  // BEFORE is -1 when it had no such name.
  Result<> Entry(int before, int after, const std::string& name, int out, const std::string& path) {
    struct stat st {};
    if (fstatat(after, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("stat");
    struct stat old {};
    if (before >= 0 && fstatat(before, name.c_str(), &old, AT_SYMLINK_NOFOLLOW) != 0) {
      return SysError("stat");
    }
    bool was_directory = before >= 0 && S_ISDIR(old.st_mode);
    if (S_ISDIR(st.st_mode)) {
      return was_directory ? BothDirectories(before, after, name, out, path)
                           : NewDirectory(after, name, out, path);
    }
    if (before >= 0 && SameAttributes(old, st)) {
      TRY_ASSIGN(bool same, SameInside(before, after, name, st));
      if (same) return Ok();
    }
    return copier_.CopyInode(after, name, out, path);
  }

  Result<bool> SameInside(int before, int after, const std::string& name, const struct stat& st) {
    if (Earlier(st.st_ctim, untouched_before_)) return true;
    TRY_ASSIGN(bool same, SameXattrs(before, after, name));
    if (!same) return false;
    if (S_ISLNK(st.st_mode)) return LinkTarget(before, name) == LinkTarget(after, name);
    return S_ISREG(st.st_mode) ? SameContents(before, after, name) : Result<bool>(true);
  }

  Result<> NewDirectory(int after, const std::string& name, int out, const std::string& path) {
    if (mkdirat(out, name.c_str(), 0700) != 0) return SysError("mkdir");
    TRY_ASSIGN(UniqueFd from, OpenDirectory(after, name));
    TRY_ASSIGN(UniqueFd to, OpenDirectory(out, name));
    TRY(copier_.Merge(from.get(), to.get(), Below(path, name)));
    return CopyDirectoryAttributes(from.get(), to.get());
  }

  // Kept only when something in it or of it changed.
  Result<> BothDirectories(int before, int after, const std::string& name, int out,
                           const std::string& path) {
    if (mkdirat(out, name.c_str(), 0700) != 0) return SysError("mkdir");
    TRY_ASSIGN(UniqueFd old, OpenDirectory(before, name));
    TRY_ASSIGN(UniqueFd from, OpenDirectory(after, name));
    TRY_ASSIGN(UniqueFd to, OpenDirectory(out, name));
    TRY(Directory(old.get(), from.get(), to.get(), Below(path, name)));
    struct stat old_st {};
    struct stat st {};
    if (fstat(old.get(), &old_st) != 0 || fstat(from.get(), &st) != 0) return SysError("fstat");
    TRY_ASSIGN(bool same_xattrs, SameXattrs(before, after, name));
    if (same_xattrs && SameAttributes(old_st, st)) {
      if (unlinkat(out, name.c_str(), AT_REMOVEDIR) == 0) return Ok();
      if (errno != ENOTEMPTY) return SysError("rmdir");
    }
    return CopyDirectoryAttributes(from.get(), to.get());
  }

  timespec untouched_before_;
  TreeCopier copier_;
};

}  // namespace

Result<> DiffTrees(const DiffInput& input, int out) {
  TRY(Differ(input.untouched_before, out).Directory(input.before, input.after, out, ""));
  return CopyDirectoryAttributes(input.after, out);
}

}  // namespace onggi
