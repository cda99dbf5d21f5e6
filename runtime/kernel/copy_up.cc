#include "runtime/kernel/copy_up.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/file_io.h"

namespace onggi {
namespace {

constexpr int kMaxEntries = 10'000;

Result<> CopyFile(int from_dir, int to_dir, const char* name, const struct stat& st) {
  TRY_ASSIGN(const UniqueFd in, OpenAt(from_dir, name, O_RDONLY | O_NOFOLLOW));
  TRY_ASSIGN(const UniqueFd out,
             OpenAt(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, st.st_mode & 07777));
  for (;;) {
    const ssize_t sent = sendfile(out.get(), in.get(), nullptr, 1 << 20);
    if (sent < 0) return SysError("sendfile(" + std::string(name) + ")");
    if (sent == 0) return Ok();
  }
}

Result<> CopyLink(int from_dir, int to_dir, const char* name) {
  char target[PATH_MAX];
  const ssize_t length = readlinkat(from_dir, name, target, sizeof(target) - 1);
  if (length < 0) return SysError("readlinkat(" + std::string(name) + ")");
  target[length] = '\0';
  if (symlinkat(target, to_dir, name) != 0) return SysError("symlinkat(" + std::string(name) + ")");
  return Ok();
}

Result<> CopyLevel(int from_dir, int to_dir, int& budget);

Result<> CopyEntry(int from_dir, int to_dir, const char* name, int& budget) {
  struct stat st {};
  if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("fstatat");
  if (S_ISREG(st.st_mode)) {
    TRY(CopyFile(from_dir, to_dir, name, st));
  } else if (S_ISLNK(st.st_mode)) {
    TRY(CopyLink(from_dir, to_dir, name));
  } else if (S_ISDIR(st.st_mode)) {
    if (mkdirat(to_dir, name, 0700) != 0) return SysError("mkdirat(" + std::string(name) + ")");
    TRY_ASSIGN(const UniqueFd from, OpenAt(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    TRY_ASSIGN(const UniqueFd to, OpenAt(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    TRY(CopyLevel(from.get(), to.get(), budget));
  } else {
    return Ok();
  }
  if (fchownat(to_dir, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return SysError("fchownat(" + std::string(name) + ")");
  }
  // After chown, which clears the set-user-id bit.
  if (!S_ISLNK(st.st_mode) && fchmodat(to_dir, name, st.st_mode & 07777, 0) != 0) {
    return SysError("fchmodat(" + std::string(name) + ")");
  }
  const timespec times[2] = {st.st_atim, st.st_mtim};
  (void)utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW);  // times are a courtesy
  return Ok();
}

Result<> CopyLevel(int from_dir, int to_dir, int& budget) {
  // fdopendir takes its fd over, and an O_PATH fd cannot be listed: open anew.
  TRY_ASSIGN(UniqueFd listed, OpenAt(from_dir, ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(fdopendir(listed.Release()), &closedir);
  if (!handle) return SysError("fdopendir");
  while (const dirent* entry = readdir(handle.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (--budget < 0) return ResourceExhausted("tmpcopyup: more than 10000 entries");
    TRY(CopyEntry(dirfd(handle.get()), to_dir, entry->d_name, budget));
  }
  return Ok();
}

}  // namespace

Result<> CopyTree(int from_dir, int to_dir) {
  int budget = kMaxEntries;
  return CopyLevel(from_dir, to_dir, budget);
}

}  // namespace onggi
