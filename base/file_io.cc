#include "base/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"

namespace onggi {

Result<UniqueFd> OpenAt(int dir_fd, const std::string& path, int flags, mode_t mode) {
  int fd;
  do {
    fd = openat(dir_fd, path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return SysError("open(" + path + ")");
  return UniqueFd(fd);
}

Result<UniqueFd> Open(const std::string& path, int flags, mode_t mode) {
  return OpenAt(AT_FDCWD, path, flags, mode);
}

Result<std::string> ReadAll(int fd, size_t limit) {
  std::string out;
  struct stat st {};
  size_t guess = 4096;
  if (fstat(fd, &st) == 0 && st.st_size > 0) guess = static_cast<size_t>(st.st_size) + 1;
  size_t used = 0;
  out.resize(std::min(guess, limit + 1));
  while (true) {
    if (used == out.size()) out.resize(std::min(out.size() * 2, limit + 1));
    ssize_t n = read(fd, out.data() + used, out.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SysError("read");
    if (n == 0) break;
    used += static_cast<size_t>(n);
    if (used > limit) {
      return ResourceExhausted("more than " + std::to_string(limit) + " bytes");
    }
  }
  out.resize(used);
  return out;
}

Result<std::string> ReadFileAt(int dir_fd, const std::string& path, size_t limit) {
  TRY_ASSIGN(UniqueFd fd, OpenAt(dir_fd, path, O_RDONLY));
  return ReadAll(fd.get(), limit).Wrap(path);
}

Result<std::string> ReadFile(const std::string& path, size_t limit) {
  return ReadFileAt(AT_FDCWD, path, limit);
}

Result<> WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SysError("write");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return Ok();
}

Result<> WriteExisting(int dir_fd, const std::string& path, std::string_view value) {
  TRY_ASSIGN(UniqueFd fd, OpenAt(dir_fd, path, O_WRONLY));
  ssize_t n;
  do {
    n = write(fd.get(), value.data(), value.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return SysError("write(" + path + ", " + std::string(value) + ")");
  return Ok();
}

namespace {

std::string ParentOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<> SyncDir(const std::string& dir) {
  TRY_ASSIGN(UniqueFd fd, Open(dir, O_RDONLY | O_DIRECTORY));
  if (fsync(fd.get()) != 0) return SysError("fsync(" + dir + ")");
  return Ok();
}

}  // namespace

Result<> WriteFileAtomic(const std::string& path, std::string_view bytes, mode_t mode, bool sync) {
  std::string temporary = path + ".tmp-" + RandomHex(8);
  TRY_ASSIGN(UniqueFd fd, Open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode));
  auto written = WriteAll(fd.get(), bytes);
  if (written && sync && fsync(fd.get()) != 0) written = SysError("fsync");
  if (written) written = fd.Close();
  if (written && rename(temporary.c_str(), path.c_str()) != 0) written = SysError("rename");
  if (!written) {
    (void)unlink(temporary.c_str());  // the first error is the one to tell
    return std::move(written).error().Wrap(path);
  }
  return sync ? SyncDir(ParentOf(path)) : Ok();
}

Result<> MakeDirs(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return Ok();
  if (errno == EEXIST) {
    struct stat st {};
    if (stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return Ok();
    return SysError("mkdir(" + path + ")", ENOTDIR);
  }
  if (errno != ENOENT) return SysError("mkdir(" + path + ")");
  std::string parent = ParentOf(path);
  if (parent == path || parent == ".") return SysError("mkdir(" + path + ")", ENOENT);
  TRY(MakeDirs(parent, mode));
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return SysError("mkdir(" + path + ")");
  return Ok();
}

Result<> RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return SysError("unlink(" + path + ")");
  return Ok();
}

bool PathExists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace onggi
