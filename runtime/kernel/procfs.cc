#include "runtime/kernel/procfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"

namespace onggi {
namespace {

// PROC_ROOT_INO: the root of every procfs.
constexpr ino_t kProcRootInode = 1;

}  // namespace

Result<Procfs> Procfs::Open() {
  TRY_ASSIGN(UniqueFd fd, onggi::Open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW));
  struct statfs fs {};
  struct stat st {};
  if (fstatfs(fd.get(), &fs) != 0) return SysError("fstatfs(/proc)");
  if (fstat(fd.get(), &st) != 0) return SysError("fstat(/proc)");
  if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != kProcRootInode) {
    return FailedPrecondition("/proc is not a procfs");
  }
  return Procfs(std::move(fd));
}

Result<UniqueFd> Procfs::OpenBelow(const std::string& path, int flags) const {
  // "self" is a plain link of procfs; magic links and other mounts are refused.
  return OpenAt2(fd_.get(), path, flags, RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
}

Result<> Procfs::Write(const std::string& path, std::string_view value) const {
  TRY_ASSIGN(const UniqueFd file, OpenBelow(path, O_WRONLY).Wrap("/proc/" + path));
  if (write(file.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size())) {
    return SysError("write " + std::string(value) + " to /proc/" + path);
  }
  return Ok();
}

Result<> Procfs::WriteAndVerify(const std::string& path, std::string_view value) const {
  TRY(Write(path, value));
  TRY_ASSIGN(const std::string found, Read(path));
  const auto squeeze = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\t' || c == '\n';
      if (!blank) out += c;
      if (blank && !out.empty() && out.back() != ' ') out += ' ';
    }
    return std::string(Trim(out));
  };
  if (squeeze(found) != squeeze(value)) {
    return Internal("/proc/" + path + " reads " + Quote(Trim(found)) + " after writing " +
                    Quote(value));
  }
  return Ok();
}

Result<std::string> Procfs::Read(const std::string& path) const {
  TRY_ASSIGN(const UniqueFd file, OpenBelow(path, O_RDONLY).Wrap("/proc/" + path));
  return ReadAll(file.get());
}

}  // namespace onggi
