#include "snapshotter/copy/copy_tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <vector>

#include "base/file_io.h"
#include "base/strings.h"
#include "snapshotter/directory_draft.h"
#include "snapshotter/directory_reader.h"
#include "snapshotter/inode_attributes.h"

namespace onggi {
namespace {

constexpr size_t kChunk = 64 << 20;
// PATH_MAX: also bounds how deep we recurse, as a container may nest directories without end.
constexpr size_t kMaxPath = 4096;

Result<> CopyByHand(int from, int to) {
  std::string buffer(1 << 17, '\0');
  while (true) {
    ssize_t n = read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SysError("read");
    if (n == 0) return Ok();
    TRY(WriteAll(to, std::string_view(buffer).substr(0, static_cast<size_t>(n))));
  }
}

Result<> CopyBytes(int from, int to) {
  if (ioctl(to, FICLONE, from) == 0) return Ok();
  while (true) {
    ssize_t n = copy_file_range(from, nullptr, to, nullptr, kChunk, 0);
    if (n == 0) return Ok();
    if (n > 0 || errno == EINTR) continue;
    // Another file system, or one that can't: both positions stand where the copy ended.
    if (errno == EXDEV || errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS) {
      return CopyByHand(from, to);
    }
    return SysError("copy_file_range");
  }
}

Result<> CopyRegular(int from, const std::string& name, int to) {
  TRY_ASSIGN(UniqueFd source, OpenAt(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  TRY_ASSIGN(UniqueFd copy, OpenAt(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  TRY(CopyBytes(source.get(), copy.get()));
  return copy.Close();
}

Result<> CopySymlink(int from, const std::string& name, int to) {
  char target[4096];
  ssize_t n = readlinkat(from, name.c_str(), target, sizeof target);
  if (n < 0) return SysError("readlink");
  std::string text(target, static_cast<size_t>(n));
  if (symlinkat(text.c_str(), to, name.c_str()) != 0) return SysError("symlink");
  return Ok();
}

Result<> CopyAttributes(int from, int to, const std::string& name, const struct stat& st) {
  TRY_ASSIGN(UniqueFd source, OpenAt(from, name, O_PATH | O_NOFOLLOW));
  TRY_ASSIGN(UniqueFd copy, OpenAt(to, name, O_PATH | O_NOFOLLOW));
  if (S_ISLNK(st.st_mode)) {
    if (fchownat(copy.get(), "", st.st_uid, st.st_gid, AT_EMPTY_PATH) != 0) {
      return SysError("fchownat");
    }
  } else {
    TRY(SetOwnerAndMode(copy.get(), st.st_uid, st.st_gid, st.st_mode & 07777));
  }
  TRY_ASSIGN(Xattrs xattrs, InodeXattrs(source.get()));
  TRY(SetInodeXattrs(copy.get(), xattrs));
  timespec times[2] = {st.st_mtim, st.st_mtim};
  if (utimensat(to, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) return SysError("utimensat");
  return Ok();
}

}  // namespace

std::string Below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

Result<UniqueFd> OpenDirectory(int dir, const std::string& name) {
  return OpenAt(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Result<> TreeCopier::CopyInode(int from, const std::string& name, int to, const std::string& path) {
  struct stat st {};
  if (fstatat(from, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("stat");
  if (st.st_nlink > 1) {
    auto [first, is_first] =
        linked_.try_emplace(std::make_pair(st.st_dev, st.st_ino), Below(path, name));
    if (!is_first) {
      if (linkat(target_, first->second.c_str(), to, name.c_str(), 0) != 0) return SysError("link");
      return Ok();
    }
  }
  if (S_ISREG(st.st_mode)) {
    TRY(CopyRegular(from, name, to));
  } else if (S_ISLNK(st.st_mode)) {
    TRY(CopySymlink(from, name, to));
  } else if (mknodat(to, name.c_str(), st.st_mode, st.st_rdev) != 0) {
    return SysError("mknod");
  }
  return CopyAttributes(from, to, name, st);
}

Result<> TreeCopier::MergeDirectory(int from, const std::string& name, int to,
                                    const std::string& path) {
  TRY_ASSIGN(UniqueFd source, OpenDirectory(from, name));
  struct stat st {};
  bool exists = fstatat(to, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && (!S_ISDIR(st.st_mode) || HasXattr(source.get(), kOpaqueXattr))) {
    TRY(RemoveTreeAt(to, name));
    exists = false;
  }
  if (!exists && mkdirat(to, name.c_str(), 0700) != 0) return SysError("mkdir");
  TRY_ASSIGN(UniqueFd copy, OpenDirectory(to, name));
  TRY(Merge(source.get(), copy.get(), Below(path, name)));
  // At the end: a set-group-id bit would spread, and what is written inside changes the times.
  return CopyDirectoryAttributes(source.get(), copy.get());
}

Result<> TreeCopier::MergeEntry(int from, const std::string& name, int to,
                                const std::string& path) {
  struct stat st {};
  if (fstatat(from, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("stat");
  if (S_ISDIR(st.st_mode)) return MergeDirectory(from, name, to, path);
  TRY(RemoveTreeAt(to, name));
  return IsWhiteout(st) ? Ok() : CopyInode(from, name, to, path);
}

Result<> CheckPathLength(const std::string& path) {
  if (path.size() < kMaxPath) return Ok();
  return FailedPrecondition("a directory lies deeper than a path can name");
}

Result<> TreeCopier::Merge(int from, int to, const std::string& path) {
  TRY(CheckPathLength(path));
  TRY_ASSIGN(UniqueFd source, OpenDirectory(from, "."));
  TRY_ASSIGN(DirectoryReader reader, DirectoryReader::Open(std::move(source)));
  while (true) {
    TRY_ASSIGN(const char* next, reader.Next());
    if (next == nullptr) return Ok();
    std::string name = next;
    TRY(MergeEntry(from, name, to, path).Wrap(Quote(name)));
  }
}

}  // namespace onggi
