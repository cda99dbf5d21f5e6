#include "snapshotter/directory_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr std::string_view kOverlayXattrs = "trusted.overlay.";

timespec TimeOf(int64_t nanoseconds) {
  timespec time{};
  time.tv_sec = nanoseconds / 1'000'000'000;
  time.tv_nsec = nanoseconds % 1'000'000'000;
  if (time.tv_nsec < 0) {
    time.tv_nsec += 1'000'000'000;
    --time.tv_sec;
  }
  return time;
}

// Set through /proc/self/fd, as f*xattr refuses O_PATH descriptors. A file system that knows no
// such xattr (EOPNOTSUPP) is no reason to refuse an image.
Result<> SetXattrs(int fd, const std::map<std::string, std::string>& xattrs) {
  for (const auto& [name, value] : xattrs) {
    if (name.compare(0, kOverlayXattrs.size(), kOverlayXattrs) == 0) continue;
    int rc = setxattr(ProcFdPath(fd).c_str(), name.c_str(), value.data(), value.size(), 0);
    if (rc != 0 && errno != EOPNOTSUPP) return SysError("setxattr(" + name + ")");
  }
  return Ok();
}

mode_t FileTypeOf(EntryType type) {
  switch (type) {
    case EntryType::kCharDevice:
      return S_IFCHR;
    case EntryType::kBlockDevice:
      return S_IFBLK;
    default:
      return S_IFIFO;
  }
}

}  // namespace

Result<std::string> CleanLayerPath(const std::string& path) {
  if (path.find('\0') != std::string::npos)
    return InvalidArgument("path " + Quote(path) + " holds a NUL");
  std::string clean;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return InvalidArgument("path " + Quote(path) + " leaves the layer");
    if (part.size() > 255)
      return InvalidArgument("path " + Quote(path) + " has a name of over 255 bytes");
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

void DirectorySink::ForgetParent() {
  parent_.reset();
  parent_path_.clear();
}

Result<> DirectorySink::OpenParent(const std::string& dir) {
  if (parent_.valid() && dir == parent_path_) return Ok();
  RootedPath root(root_.get());
  ForgetParent();
  auto opened = root.Open(dir.empty() ? "/" : dir, O_PATH | O_DIRECTORY);
  if (!opened.has_value() && opened.error().sys_errno() == ENOENT)
    opened = root.MakeDirs(dir, 0755);
  if (!opened.has_value()) return std::move(opened).error();
  parent_ = std::move(opened).value();
  parent_path_ = dir;
  return Ok();
}

Result<DirectorySink::Target> DirectorySink::Resolve(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string dir = slash == std::string::npos ? "" : path.substr(0, slash);
  TRY(OpenParent(dir).Wrap(Quote(path)));
  return Target{parent_.get(), path.substr(slash == std::string::npos ? 0 : slash + 1)};
}

Result<> DirectorySink::Clear(const Target& target) {
  if (unlinkat(target.parent, target.name.c_str(), 0) == 0 || errno == ENOENT) return Ok();
  if (errno != EISDIR) return SysError("unlink(" + target.name + ")");
  return RemoveTreeAt(target.parent, target.name);
}

Result<> DirectorySink::Add(const LayerEntry& entry) {
  TRY(FinishFile());
  TRY_ASSIGN(std::string path, CleanLayerPath(entry.path));
  if (path.empty()) return RootAttributes(entry);
  TRY_ASSIGN(Target target, Resolve(path));
  Result<> made = Ok();
  switch (entry.type) {
    case EntryType::kRegular:
      made = MakeRegular(target, entry);
      break;
    case EntryType::kDirectory:
      made = MakeDirectory(target, entry);
      if (made) directory_times_.push_back({path, entry.mtime_ns});
      break;
    case EntryType::kHardLink:
      made = MakeHardLink(target, entry);
      break;
    default:
      made = MakeSpecial(target, entry);
      break;
  }
  if (made && entry.type != EntryType::kHardLink) ++usage_.inodes;
  return std::move(made).Wrap(Quote(path));
}

Result<> DirectorySink::RootAttributes(const LayerEntry& entry) {
  if (entry.type != EntryType::kDirectory)
    return InvalidArgument("the layer's root is not a directory");
  if (fchownat(root_.get(), "", entry.uid, entry.gid, AT_EMPTY_PATH) != 0)
    return SysError("fchownat");
  if (chmod(ProcFdPath(root_.get()).c_str(), entry.mode) != 0) return SysError("chmod");
  TRY(SetXattrs(root_.get(), entry.xattrs));
  directory_times_.push_back({"", entry.mtime_ns});
  return Ok();
}

Result<> DirectorySink::MakeRegular(const Target& target, const LayerEntry& entry) {
  // The kernel takes the umask's bits and set-id bits away: what is left to set is set on the fd.
  int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(target.parent, target.name.c_str(), flags, entry.mode & 0777);
  if (fd < 0 && errno == EEXIST) {
    TRY(Clear(target));
    fd = openat(target.parent, target.name.c_str(), flags, entry.mode & 0777);
  }
  if (fd < 0) return SysError("create");
  file_.reset(fd);
  file_entry_ = entry;
  file_left_ = entry.size;
  return entry.size == 0 ? FinishFile() : Ok();
}

Result<> DirectorySink::Write(std::string_view bytes) {
  if (bytes.size() > file_left_ || !file_.valid()) {
    return InvalidArgument(Quote(file_entry_.path) + " has more bytes than its header says");
  }
  file_left_ -= bytes.size();
  TRY(WriteAll(file_.get(), bytes).Wrap(Quote(file_entry_.path)));
  return file_left_ == 0 ? FinishFile() : Ok();
}

Result<> DirectorySink::FinishFile() {
  if (!file_.valid()) return Ok();
  if (file_left_ > 0) return InvalidArgument(Quote(file_entry_.path) + " is cut short");
  const LayerEntry& entry = file_entry_;
  int fd = file_.get();
  // chown takes set-id bits and capabilities away: it comes first.
  if ((entry.uid != 0 || entry.gid != 0) && fchown(fd, entry.uid, entry.gid) != 0)
    return SysError("fchown");
  if ((entry.mode & (07000 | 0022)) != 0 && fchmod(fd, entry.mode) != 0) return SysError("fchmod");
  for (const auto& [name, value] : entry.xattrs) {
    if (name.compare(0, kOverlayXattrs.size(), kOverlayXattrs) == 0) continue;
    if (fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0 && errno != EOPNOTSUPP) {
      return SysError("fsetxattr(" + name + ")");
    }
  }
  timespec times[2] = {TimeOf(entry.mtime_ns), TimeOf(entry.mtime_ns)};
  if (futimens(fd, times) != 0) return SysError("futimens");
  usage_.bytes += entry.size;
  return file_.Close();
}

Result<> DirectorySink::MakeDirectory(const Target& target, const LayerEntry& entry) {
  if (mkdirat(target.parent, target.name.c_str(), entry.mode & 0777) != 0) {
    if (errno != EEXIST) return SysError("mkdir");
    struct stat st {};
    if (fstatat(target.parent, target.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
      return SysError("stat");
    if (!S_ISDIR(st.st_mode)) {
      TRY(Clear(target));
      if (mkdirat(target.parent, target.name.c_str(), entry.mode & 0777) != 0)
        return SysError("mkdir");
    }
  }
  return SetAttributes(target, entry);
}

Result<> DirectorySink::MakeHardLink(const Target& target, const LayerEntry& entry) {
  TRY_ASSIGN(std::string source, CleanLayerPath(entry.link_target));
  RootedPath root(root_.get());
  TRY_ASSIGN(RootedPath::Parent from, root.OpenParent(source));
  int flags = 0;  // the link's last component is never followed
  int rc = linkat(from.dir.get(), from.name.c_str(), target.parent, target.name.c_str(), flags);
  if (rc != 0 && errno == EEXIST) {
    TRY(Clear(target));
    rc = linkat(from.dir.get(), from.name.c_str(), target.parent, target.name.c_str(), flags);
  }
  if (rc != 0) return SysError("link(" + source + ")");
  ForgetParent();
  return Ok();
}

Result<> DirectorySink::MakeSpecial(const Target& target, const LayerEntry& entry) {
  auto make = [&] {
    if (entry.type == EntryType::kSymlink) {
      return symlinkat(entry.link_target.c_str(), target.parent, target.name.c_str());
    }
    return mknodat(target.parent, target.name.c_str(), FileTypeOf(entry.type) | (entry.mode & 0777),
                   makedev(entry.device_major, entry.device_minor));
  };
  int rc = make();
  if (rc != 0 && errno == EEXIST) {
    TRY(Clear(target));
    rc = make();
  }
  if (rc != 0) return SysError(entry.type == EntryType::kSymlink ? "symlink" : "mknod");
  TRY(SetAttributes(target, entry));
  if (entry.type == EntryType::kSymlink) ForgetParent();
  return Ok();
}

Result<> DirectorySink::SetAttributes(const Target& target, const LayerEntry& entry) {
  const char* name = target.name.c_str();
  if ((entry.uid != 0 || entry.gid != 0) &&
      fchownat(target.parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return SysError("fchownat");
  }
  bool is_link = entry.type == EntryType::kSymlink;
  if (!is_link && (entry.mode & (07000 | 0022 | 0700)) != 0) {
    // fchmodat follows links, and the entry was made by us a moment ago in a tree that only we
    // write.
    if (fchmodat(target.parent, name, entry.mode, 0) != 0) return SysError("fchmodat");
  }
  if (!entry.xattrs.empty() && !is_link) {
    TRY_ASSIGN(UniqueFd fd, OpenAt(target.parent, target.name, O_PATH | O_NOFOLLOW));
    TRY(SetXattrs(fd.get(), entry.xattrs));
  }
  timespec times[2] = {TimeOf(entry.mtime_ns), TimeOf(entry.mtime_ns)};
  if (utimensat(target.parent, name, times, AT_SYMLINK_NOFOLLOW) != 0) return SysError("utimensat");
  return Ok();
}

Result<> DirectorySink::Whiteout(const std::string& path) {
  TRY(FinishFile());
  TRY_ASSIGN(std::string clean, CleanLayerPath(path));
  if (clean.empty()) return InvalidArgument("a whiteout of the layer's root");
  TRY_ASSIGN(Target target, Resolve(clean));
  TRY(Clear(target).Wrap(Quote(clean)));
  if (mknodat(target.parent, target.name.c_str(), S_IFCHR, makedev(0, 0)) != 0) {
    return SysError("whiteout " + Quote(clean));
  }
  ++usage_.inodes;
  ForgetParent();
  return Ok();
}

Result<> DirectorySink::Opaque(const std::string& path) {
  TRY(FinishFile());
  TRY_ASSIGN(std::string clean, CleanLayerPath(path));
  TRY(OpenParent(clean).Wrap(Quote(clean)));
  if (setxattr(ProcFdPath(parent_.get()).c_str(), "trusted.overlay.opaque", "y", 1, 0) != 0) {
    return SysError("opaque " + Quote(clean));
  }
  return Ok();
}

Result<LayerUsage> DirectorySink::Finish() {
  TRY(FinishFile());
  ForgetParent();
  RootedPath root(root_.get());
  for (auto time = directory_times_.rbegin(); time != directory_times_.rend(); ++time) {
    // A later entry may have replaced the directory: then its time is that entry's.
    auto fd = root.OpenNoLinks(time->path.empty() ? "/" : time->path, O_PATH | O_DIRECTORY);
    if (!fd.has_value()) continue;
    timespec times[2] = {TimeOf(time->mtime_ns), TimeOf(time->mtime_ns)};
    if (utimensat(AT_FDCWD, ProcFdPath(fd->get()).c_str(), times, 0) != 0)
      return SysError("utimensat");
  }
  return usage_;
}

}  // namespace onggi
