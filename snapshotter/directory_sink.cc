#include "snapshotter/directory_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"
#include "snapshotter/inode_attributes.h"
#include "snapshotter/tree_usage.h"

namespace onggi {
namespace {

constexpr size_t kMaxName = 255;
// Links let a layer nest directories deeper than any path is long; whoever walks the tree later
// holds one fd for each level.
constexpr size_t kMaxDepth = 512;
constexpr mode_t kSetId = S_ISUID | S_ISGID;

// What the kernel refuses because of what the layer says, not because of our own disk or rights.
Error Blame(Error error) {
  switch (error.sys_errno()) {
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case EXDEV:
    case ENOENT:
    case EMLINK:
      return std::move(error).WithCode(Code::kInvalidArgument);
    default:
      return error;
  }
}

Result<> Blame(Result<> outcome) {
  if (outcome) return outcome;
  return Blame(std::move(outcome).error());
}

mode_t NodeType(EntryType type) {
  if (type == EntryType::kCharDevice) return S_IFCHR;
  return type == EntryType::kBlockDevice ? S_IFBLK : S_IFIFO;
}

// Links in the path may lead deeper than its text says: the kernel knows the true depth.
Result<> CheckDepth(int dir) {
  char path[4096];
  ssize_t length = readlink(ProcFdPath(dir).c_str(), path, sizeof path);
  if (length < 0 && errno != ENAMETOOLONG) return SysError("readlink");
  if (length < 0 || std::count(path, path + length, '/') > static_cast<ptrdiff_t>(kMaxDepth)) {
    return InvalidArgument("directories nested deeper than " + std::to_string(kMaxDepth));
  }
  return Ok();
}

bool SameInode(int dir_a, const std::string& a, int dir_b, const std::string& b) {
  struct stat one {};
  struct stat two {};
  return fstatat(dir_a, a.c_str(), &one, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstatat(dir_b, b.c_str(), &two, AT_SYMLINK_NOFOLLOW) == 0 && one.st_ino == two.st_ino &&
         one.st_dev == two.st_dev;
}

}  // namespace

Result<std::string> CleanLayerPath(const std::string& path) {
  if (path.find('\0') != std::string::npos) return InvalidArgument(Quote(path) + " holds a NUL");
  std::string clean;
  clean.reserve(path.size());
  std::string_view rest = path;
  while (!rest.empty()) {
    size_t slash = rest.find('/');
    std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") return InvalidArgument(Quote(path) + " leaves the layer");
    if (part.size() > kMaxName) {
      return InvalidArgument(Quote(path.substr(0, 100)) + "... has a name of over 255 bytes");
    }
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

DirectorySink::DirectorySink(UniqueFd root) : root_(std::move(root)) {}

void DirectorySink::ForgetParent() {
  parent_.reset();
  parent_path_.clear();
}

Result<UniqueFd> DirectorySink::MakeParent(int parent, const std::string& name,
                                           const std::string& path) {
  struct stat st {};
  bool exists = fstatat(parent, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !IsWhiteout(st)) {
    return InvalidArgument("its parent " + Quote(path) + " is not a directory of the layer");
  }
  if (exists && unlinkat(parent, name.c_str(), 0) != 0) return SysError("unlink(whiteout)");
  if (mkdirat(parent, name.c_str(), 0755) != 0) return SysError("mkdir(" + Quote(path) + ")");
  TRY_ASSIGN(UniqueFd made, OpenAt(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW));
  TRY(CheckDepth(made.get()));
  if ((ProcessUmask() & 0755) != 0) TRY(SetOwnerAndMode(made.get(), 0, 0, 0755));
  // The layers below stay hidden, as the whiteout said.
  if (exists) TRY(SetXattr(made.get(), kOpaqueXattr, "y"));
  implied_.insert(path);
  ++usage_.inodes;
  return made;
}

Result<> DirectorySink::MakeParents(const std::string& dir) {
  RootedPath root(root_.get());
  TRY_ASSIGN(UniqueFd parent, root.Open("/", O_PATH | O_DIRECTORY));
  for (size_t end = 0; end != std::string::npos;) {
    size_t start = end == 0 ? 0 : end + 1;
    end = dir.find('/', start);
    std::string prefix = dir.substr(0, end);
    auto next = root.Open(prefix, O_PATH | O_DIRECTORY);
    if (!next && (next.error().sys_errno() == ENOENT || next.error().sys_errno() == ENOTDIR)) {
      next = MakeParent(parent.get(), prefix.substr(start), prefix);
    }
    if (!next) return Blame(std::move(next).error());
    parent = std::move(next).value();
  }
  parent_ = std::move(parent);
  parent_path_ = dir;
  return Ok();
}

Result<> DirectorySink::OpenParent(const std::string& dir) {
  if (parent_.valid() && dir == parent_path_) return Ok();
  ForgetParent();
  auto opened = RootedPath(root_.get()).Open(dir.empty() ? "/" : dir, O_PATH | O_DIRECTORY);
  if (!opened) {
    int why = opened.error().sys_errno();
    if (why == ENOENT || why == ENOTDIR) return MakeParents(dir);
    return Blame(std::move(opened).error());
  }
  parent_ = std::move(opened).value();
  parent_path_ = dir;
  return Ok();
}

Result<DirectorySink::Target> DirectorySink::Resolve(const std::string& path) {
  size_t slash = path.rfind('/');
  TRY(OpenParent(slash == std::string::npos ? "" : path.substr(0, slash)));
  return Target{parent_.get(), path.substr(slash == std::string::npos ? 0 : slash + 1)};
}

Result<> DirectorySink::Clear(const Target& target) {
  recount_ = true;
  if (unlinkat(target.parent, target.name.c_str(), 0) == 0 || errno == ENOENT) return Ok();
  if (errno != EISDIR) return SysError("unlink");
  return RemoveTreeAt(target.parent, target.name);
}

Result<> DirectorySink::Add(const LayerEntry& entry) {
  TRY(FinishFile());
  TRY_ASSIGN(std::string path, CleanLayerPath(entry.path));
  auto added = path.empty() ? RootAttributes(entry) : AddAt(path, entry);
  return std::move(added).Wrap(Quote(path));
}

Result<> DirectorySink::AddAt(const std::string& path, const LayerEntry& entry) {
  TRY_ASSIGN(Target target, Resolve(path));
  bool replaced_before = std::exchange(recount_, false);
  Result<> made = Ok();
  switch (entry.type) {
    case EntryType::kRegular:
      made = MakeRegular(target, entry);
      break;
    case EntryType::kDirectory:
      made = MakeDirectory(target, path, entry);
      break;
    case EntryType::kHardLink:
      made = MakeHardLink(target, entry);
      break;
    default:
      made = MakeSpecial(target, entry);
      break;
  }
  // What stood here may have been part of the open parent's path, or a link may stand here now.
  bool changes_paths =
      recount_ || entry.type == EntryType::kSymlink || entry.type == EntryType::kHardLink;
  if (changes_paths) ForgetParent();
  recount_ = recount_ || replaced_before;
  return Blame(std::move(made));
}

Result<> DirectorySink::RootAttributes(const LayerEntry& entry) {
  if (entry.type != EntryType::kDirectory) {
    return InvalidArgument("the layer's root is not a directory");
  }
  return SetDirectory(root_.get(), "", entry);
}

Result<> DirectorySink::SetDirectory(int dir, const std::string& path, const LayerEntry& entry) {
  // A set-group-id bit would give its group to every file made below, and a default ACL its mode:
  // both are set at the end, as the times are.
  TRY(SetOwnerAndMode(dir, entry.uid, entry.gid, entry.mode & ~S_ISGID));
  Deferred later{path, entry.mtime_ns, entry.mode, {}};
  if (!entry.xattrs.empty()) {
    TRY(SetInodeXattrs(dir, entry.xattrs));
    auto acl = entry.xattrs.find(kDefaultAclXattr);
    if (acl != entry.xattrs.end()) later.default_acl = acl->second;
  }
  deferred_.push_back(std::move(later));
  implied_.erase(path);
  return Ok();
}

Result<> DirectorySink::MakeDirectory(const Target& target, const std::string& path,
                                      const LayerEntry& entry) {
  const char* name = target.name.c_str();
  bool made = mkdirat(target.parent, name, entry.mode & 01777) == 0;
  bool hides_below = false;
  if (!made) {
    if (errno != EEXIST) return SysError("mkdir");
    struct stat st {};
    if (fstatat(target.parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("stat");
    if (!S_ISDIR(st.st_mode)) {
      hides_below = IsWhiteout(st);
      TRY(Clear(target));
      if (mkdirat(target.parent, name, entry.mode & 01777) != 0) return SysError("mkdir");
    }
  }
  TRY_ASSIGN(UniqueFd dir, OpenAt(target.parent, target.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  bool plain = made && entry.uid == 0 && entry.gid == 0 && entry.xattrs.empty() &&
               (entry.mode & (ProcessUmask() | kSetId)) == 0;
  if (plain) {
    deferred_.push_back({path, entry.mtime_ns, entry.mode, {}});
    implied_.erase(path);
  } else {
    TRY(SetDirectory(dir.get(), path, entry));
  }
  if (hides_below) TRY(SetXattr(dir.get(), kOpaqueXattr, "y"));
  if (made) ++usage_.inodes;
  TRY(CheckDepth(dir.get()));
  parent_ = std::move(dir);  // its entries come next in most archives
  parent_path_ = path;
  return Ok();
}

Result<> DirectorySink::MakeRegular(const Target& target, const LayerEntry& entry) {
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
  ++usage_.inodes;
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
  const LayerEntry& entry = file_entry_;
  if (file_left_ > 0) return InvalidArgument(Quote(entry.path) + " is cut short");
  int fd = file_.get();
  // chown takes set-id bits and capabilities away: it comes first.
  if ((entry.uid != 0 || entry.gid != 0) && fchown(fd, entry.uid, entry.gid) != 0) {
    return SysError("fchown(" + Quote(entry.path) + ")");
  }
  if ((entry.mode & (07000 | ProcessUmask())) != 0 && fchmod(fd, entry.mode & 07777) != 0) {
    return SysError("fchmod(" + Quote(entry.path) + ")");
  }
  if (!entry.xattrs.empty()) TRY(SetInodeXattrs(fd, entry.xattrs).Wrap(Quote(entry.path)));
  timespec times[2] = {TimespecOf(entry.mtime_ns), TimespecOf(entry.mtime_ns)};
  if (futimens(fd, times) != 0) return SysError("futimens(" + Quote(entry.path) + ")");
  usage_.bytes += entry.size;
  return file_.Close();
}

Result<> DirectorySink::MakeHardLink(const Target& target, const LayerEntry& entry) {
  TRY_ASSIGN(std::string source, CleanLayerPath(entry.link_target));
  auto from = RootedPath(root_.get()).OpenParent(source);
  if (!from) return Blame(std::move(from).error().Wrap("hard link to " + Quote(source)));
  auto link = [&] {
    // No AT_SYMLINK_FOLLOW: a link's last component is linked itself.
    return linkat(from->dir.get(), from->name.c_str(), target.parent, target.name.c_str(), 0);
  };
  int rc = link();
  if (rc != 0 && errno == EEXIST) {
    if (SameInode(from->dir.get(), from->name, target.parent, target.name)) return Ok();
    TRY(Clear(target));
    rc = link();
  }
  if (rc == 0) return Ok();
  if (errno == ENOENT) {
    return InvalidArgument("hard link to " + Quote(source) + ", which the layer does not hold");
  }
  if (errno == EPERM) return InvalidArgument("hard link to the directory " + Quote(source));
  return SysError("link(" + Quote(source) + ")");
}

Result<> DirectorySink::MakeSpecial(const Target& target, const LayerEntry& entry) {
  const char* name = target.name.c_str();
  bool is_link = entry.type == EntryType::kSymlink;
  auto make = [&] {
    if (is_link) return symlinkat(entry.link_target.c_str(), target.parent, name);
    return mknodat(target.parent, name, NodeType(entry.type) | (entry.mode & 0777),
                   makedev(entry.device_major, entry.device_minor));
  };
  int rc = make();
  if (rc != 0 && errno == EEXIST) {
    TRY(Clear(target));
    rc = make();
  }
  if (rc != 0) return SysError(is_link ? "symlink" : "mknod");
  ++usage_.inodes;
  bool wants_mode = !is_link && (entry.mode & (07000 | ProcessUmask())) != 0;
  if (wants_mode || !entry.xattrs.empty()) {
    TRY_ASSIGN(UniqueFd fd, OpenAt(target.parent, target.name, O_PATH | O_NOFOLLOW));
    if (!is_link) TRY(SetOwnerAndMode(fd.get(), entry.uid, entry.gid, entry.mode));
    TRY(SetInodeXattrs(fd.get(), entry.xattrs));
  }
  if ((entry.uid != 0 || entry.gid != 0) && (is_link || !wants_mode) &&
      fchownat(target.parent, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return SysError("fchownat");
  }
  timespec times[2] = {TimespecOf(entry.mtime_ns), TimespecOf(entry.mtime_ns)};
  if (utimensat(target.parent, name, times, AT_SYMLINK_NOFOLLOW) != 0) return SysError("utimensat");
  return Ok();
}

Result<> DirectorySink::Whiteout(const std::string& path) {
  TRY(FinishFile());
  TRY_ASSIGN(std::string clean, CleanLayerPath(path));
  if (clean.empty()) return InvalidArgument("a whiteout of the layer's root");
  TRY_ASSIGN(Target target, Resolve(clean));
  struct stat st {};
  if (fstatat(target.parent, target.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) {
    // An entry of this layer hides what is below, and is not what the whiteout speaks of; only a
    // directory would let the one below shine through.
    return S_ISDIR(st.st_mode) ? Opaque(clean) : Ok();
  }
  TRY(Blame(MakeWhiteout(target.parent, target.name)).Wrap(Quote(clean)));
  ++usage_.inodes;
  return Ok();
}

Result<> DirectorySink::Opaque(const std::string& path) {
  TRY(FinishFile());
  TRY_ASSIGN(std::string clean, CleanLayerPath(path));
  TRY(OpenParent(clean).Wrap(Quote(clean)));
  return SetXattr(parent_.get(), kOpaqueXattr, "y").Wrap(Quote(clean));
}

Result<> DirectorySink::FinishDirectory(const Deferred& directory) {
  RootedPath root(root_.get());
  auto fd = root.Open(directory.path.empty() ? "/" : directory.path,
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd) return Ok();  // a later entry replaced the directory, and brought its own attributes
  if (!directory.default_acl.empty()) {
    TRY(SetXattr(fd->get(), kDefaultAclXattr, directory.default_acl));
  }
  if ((directory.mode & S_ISGID) != 0 && fchmod(fd->get(), directory.mode & 07777) != 0) {
    return SysError("fchmod");
  }
  timespec times[2] = {TimespecOf(directory.mtime_ns), TimespecOf(directory.mtime_ns)};
  if (futimens(fd->get(), times) != 0) return SysError("futimens");
  return Ok();
}

Result<LayerUsage> DirectorySink::Finish() {
  if (finished_) return usage_;
  TRY(FinishFile());
  ForgetParent();
  for (const Deferred& directory : deferred_) {
    TRY(FinishDirectory(directory).Wrap(Quote(directory.path)));
  }
  if (recount_) {
    TRY_ASSIGN(usage_, MeasureTreeAt(root_.get()));
  }
  finished_ = true;
  return usage_;
}

}  // namespace onggi
