#include "snapshotter/tree_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <set>

#include "base/file_io.h"
#include "snapshotter/directory_reader.h"

namespace onggi {
namespace {

using LinkedInodes = std::set<std::pair<dev_t, ino_t>>;

// A container may nest its directories without end; each level costs an fd and a stack frame.
// What lies deeper is not counted.
constexpr int kMaxDepth = 512;

Result<> Measure(UniqueFd dir, int depth, LayerUsage& usage, LinkedInodes& linked) {
  TRY_ASSIGN(DirectoryReader reader, DirectoryReader::Open(std::move(dir)));
  while (true) {
    TRY_ASSIGN(const char* name, reader.Next());
    if (name == nullptr) return Ok();
    struct stat st {};
    if (fstatat(reader.fd(), name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // it went meanwhile
      return SysError("fstatat");
    }
    bool shared = st.st_nlink > 1 && !S_ISDIR(st.st_mode);
    if (shared && !linked.insert({st.st_dev, st.st_ino}).second) continue;
    ++usage.inodes;
    if (S_ISREG(st.st_mode)) usage.bytes += static_cast<uint64_t>(st.st_size);
    if (!S_ISDIR(st.st_mode) || depth == kMaxDepth) continue;
    auto child = OpenAt(reader.fd(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!child && child.error().sys_errno() == ENOENT) continue;
    if (!child) return std::move(child).error();
    TRY(Measure(std::move(child).value(), depth + 1, usage, linked));
  }
}

}  // namespace

Result<LayerUsage> MeasureTreeAt(int dir_fd) {
  // A new open file: its position is its own.
  TRY_ASSIGN(UniqueFd dir, OpenAt(dir_fd, ".", O_RDONLY | O_DIRECTORY));
  LayerUsage usage;
  LinkedInodes linked;
  TRY(Measure(std::move(dir), 0, usage, linked));
  return usage;
}

Result<LayerUsage> MeasureTree(const std::string& directory) {
  TRY_ASSIGN(UniqueFd dir, Open(directory, O_RDONLY | O_DIRECTORY));
  return MeasureTreeAt(dir.get()).Wrap(directory);
}

}  // namespace onggi
