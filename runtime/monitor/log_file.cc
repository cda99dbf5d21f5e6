#include "runtime/monitor/log_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "base/rooted_path.h"

namespace onggi {
namespace {

constexpr mode_t kLogMode = 0640;

// The components of an absolute path without ".", ".." and empty ones.
Result<std::vector<std::string>> Components(const std::string& path) {
  std::vector<std::string> out;
  if (path.empty() || path[0] != '/')
    return InvalidArgument("log path " + path + " is not absolute");
  size_t at = 1;
  while (at <= path.size()) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) {
      return InvalidArgument("log path " + path + " is not a plain one");
    }
    out.push_back(std::move(part));
    at = end + 1;
  }
  return out;
}

// The directory of the file. The part that belongs to the node may hold links; the pod's and the
// container's directory may not be links.
Result<UniqueFd> OpenDirectory(const std::vector<std::string>& parts) {
  constexpr size_t kOfThePod = 2;
  size_t directories = parts.size() - 1;
  size_t trusted = directories > kOfThePod ? directories - kOfThePod : 0;
  std::string prefix = "/";
  for (size_t i = 0; i < trusted; ++i) prefix += (i == 0 ? "" : "/") + parts[i];
  std::string rest;
  for (size_t i = trusted; i < directories; ++i) rest += (rest.empty() ? "" : "/") + parts[i];
  TRY_ASSIGN(UniqueFd dir, OpenAt2(AT_FDCWD, prefix, O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS));
  if (rest.empty()) return dir;
  return OpenAt2(dir.get(), rest, O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

Result<UniqueFd> OpenLog(const std::string& path) {
  TRY_ASSIGN(std::vector<std::string> parts, Components(path));
  TRY_ASSIGN(UniqueFd dir, OpenDirectory(parts));
  // O_NONBLOCK: a FIFO without a reader must not stop the monitor.
  UniqueFd fd(openat(dir.get(), parts.back().c_str(),
                     O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                     kLogMode));
  if (!fd.valid()) return SysError("open");
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return SysError("fstat");
  if (!S_ISREG(st.st_mode)) return InvalidArgument("not a regular file");
  // A second name means that what we append may be another file of the node.
  if (st.st_nlink > 1) return InvalidArgument("the file has a second name");
  return fd;
}

}  // namespace

Result<LogFile> LogFile::Open(const std::string& path) {
  LogFile file;
  file.path_ = path;
  TRY_ASSIGN(file.fd_, OpenLog(path).Wrap("log " + path));
  return file;
}

Result<> LogFile::Reopen() {
  if (path_.empty()) return Ok();
  TRY_ASSIGN(fd_, OpenLog(path_).Wrap("log " + path_));
  return Ok();
}

void LogFile::Append(std::string_view batch) {
  if (!fd_.valid()) return;
  size_t done = 0;
  while (done < batch.size()) {
    ssize_t n = write(fd_.get(), batch.data() + done, batch.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  if (done == batch.size()) return;
  dropped_bytes_ += batch.size();
  if (done == 0) return;
  // With O_APPEND the position after a write is the end of what it wrote: when that is still the
  // end of the file, the torn part can be cut off.
  off_t at = lseek(fd_.get(), 0, SEEK_CUR);
  struct stat st {};
  if (fstat(fd_.get(), &st) != 0 || st.st_size != at) return;
  // A refusal leaves half a record behind: there is nothing better to be done.
  [[maybe_unused]] int rc = ftruncate(fd_.get(), at - static_cast<off_t>(done));
}

}  // namespace onggi
