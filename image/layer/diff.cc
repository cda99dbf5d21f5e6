#include "image/layer/diff.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <map>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"
#include "image/layer/tar_writer.h"

namespace onggi {
namespace {

constexpr std::string_view kOverlayPrefix = "trusted.overlay.";
constexpr std::string_view kOpaqueXattr = "trusted.overlay.opaque";
// Marks of overlay features that leave a file's content or a directory's children in a layer below:
// without it the changes can't be told.
constexpr std::string_view kPartialXattrs[] = {"trusted.overlay.redirect",
                                               "trusted.overlay.metacopy"};
// Belongs to the host's policy, not to the image.
constexpr std::string_view kHostXattr = "security.selinux";
constexpr int kMaxDepth = 1024;
constexpr size_t kCopyBlock = 256 << 10;

// The digest of what goes by.
class HashingSink : public ByteSink {
 public:
  explicit HashingSink(ByteSink& next) : next_(next) {}
  Result<> Write(std::string_view bytes) override {
    hash_.Update(bytes);
    size_ += bytes.size();
    return next_.Write(bytes);
  }
  Result<> Finish() override { return next_.Finish(); }
  Digest Take() { return hash_.Finish(); }
  uint64_t size() const { return size_; }

 private:
  ByteSink& next_;
  Sha256 hash_;
  uint64_t size_ = 0;
};

class IngestSink : public ByteSink {
 public:
  explicit IngestSink(BlobIngest& ingest) : ingest_(ingest) {}
  Result<> Write(std::string_view bytes) override { return ingest_.Write(bytes); }

 private:
  BlobIngest& ingest_;
};

Result<std::vector<std::string>> SortedNames(int dir_fd) {
  TRY_ASSIGN(UniqueFd own, OpenAt(dir_fd, ".", O_RDONLY | O_DIRECTORY));
  DIR* dir = fdopendir(own.get());
  if (dir == nullptr) return SysError("fdopendir");
  (void)own.Release();  // closedir closes it
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

// PATH does not follow its last component.
Result<std::string> GetXattr(const std::string& path, const std::string& name) {
  std::string value(XATTR_SIZE_MAX, '\0');
  ssize_t size = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
  if (size < 0) return SysError("lgetxattr(" + name + ")");
  value.resize(static_cast<size_t>(size));
  return value;
}

class Walker {
 public:
  Walker(LayerSink& sink, const DiffOptions& options) : sink_(sink), options_(options) {}

  // The children of directory FD, which is PATH in the layer ("" or "etc/").
  Result<> Children(int fd, const std::string& path, int depth) {
    if (depth > kMaxDepth) return InvalidArgument("directories nested too deep");
    TRY_ASSIGN(std::vector<std::string> names, SortedNames(fd));
    for (const std::string& name : names) {
      TRY(options_.cancel.Check());
      TRY(One(fd, path, name, depth).Wrap(Quote(path + name)));
    }
    return Ok();
  }

 private:
  Result<> One(int dir_fd, const std::string& path, const std::string& name, int depth) {
    struct stat info;
    if (fstatat(dir_fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) return SysError("fstatat");
    if (S_ISCHR(info.st_mode) && info.st_rdev == 0) return sink_.Whiteout(path + name);
    LayerEntry entry;
    entry.path = path + name;
    if (!SetType(entry, info)) return Ok();  // a socket means nothing without its process
    if (!S_ISDIR(info.st_mode) && info.st_nlink > 1) {
      auto [known, is_first] = links_.try_emplace({info.st_dev, info.st_ino}, entry.path);
      if (!is_first) {
        entry.type = EntryType::kHardLink;
        entry.link_target = known->second;
        SetTimes(entry, info);
        return sink_.Add(entry);
      }
    }
    bool opaque = false;
    TRY(ReadXattrs(ProcFdPath(dir_fd) + "/" + name, entry, opaque));
    SetTimes(entry, info);
    if (S_ISLNK(info.st_mode)) {
      char target[PATH_MAX];
      ssize_t size = readlinkat(dir_fd, name.c_str(), target, sizeof(target));
      if (size < 0) return SysError("readlink");
      entry.link_target.assign(target, static_cast<size_t>(size));
    }
    if (S_ISREG(info.st_mode)) return File(dir_fd, name, entry);
    if (!S_ISDIR(info.st_mode)) return sink_.Add(entry);
    entry.path += '/';
    TRY(sink_.Add(entry));
    if (opaque) TRY(sink_.Opaque(entry.path));
    TRY_ASSIGN(UniqueFd child, OpenAt(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    return Children(child.get(), entry.path, depth + 1);
  }

  static bool SetType(LayerEntry& entry, const struct stat& info) {
    constexpr struct {
      mode_t format;
      EntryType type;
    } kTypes[] = {{S_IFREG, EntryType::kRegular},     {S_IFDIR, EntryType::kDirectory},
                  {S_IFLNK, EntryType::kSymlink},     {S_IFCHR, EntryType::kCharDevice},
                  {S_IFBLK, EntryType::kBlockDevice}, {S_IFIFO, EntryType::kFifo}};
    for (const auto& one : kTypes) {
      if ((info.st_mode & S_IFMT) != one.format) continue;
      entry.type = one.type;
      if (one.type == EntryType::kCharDevice || one.type == EntryType::kBlockDevice) {
        entry.device_major = major(info.st_rdev);
        entry.device_minor = minor(info.st_rdev);
      }
      return true;
    }
    return false;
  }

  void SetTimes(LayerEntry& entry, const struct stat& info) const {
    entry.mode = info.st_mode & 07777;
    entry.uid = info.st_uid;
    entry.gid = info.st_gid;
    entry.size = entry.type == EntryType::kRegular ? static_cast<uint64_t>(info.st_size) : 0;
    int64_t seconds = info.st_mtim.tv_sec;
    if (options_.clamp_mtime_s) seconds = std::min(seconds, *options_.clamp_mtime_s);
    entry.mtime_ns = seconds * 1'000'000'000;
  }

  Result<> ReadXattrs(const std::string& path, LayerEntry& entry, bool& opaque) {
    ssize_t size = llistxattr(path.c_str(), list_.data(), list_.size());
    if (size < 0 && errno == EOPNOTSUPP) return Ok();
    if (size < 0) return SysError("llistxattr");
    std::string_view rest(list_.data(), static_cast<size_t>(size));
    while (!rest.empty()) {
      std::string name(rest.substr(0, rest.find('\0')));
      rest.remove_prefix(name.size() + 1);
      if (name == kHostXattr) continue;
      if (std::count(std::begin(kPartialXattrs), std::end(kPartialXattrs), name) != 0) {
        return FailedPrecondition("holds only a part of its content (" + name + ")");
      }
      TRY_ASSIGN(std::string value, GetXattr(path, name));
      if (name == kOpaqueXattr) opaque = value == "y";
      if (!name.starts_with(kOverlayPrefix)) entry.xattrs[name] = std::move(value);
    }
    return Ok();
  }

  Result<> File(int dir_fd, const std::string& name, const LayerEntry& entry) {
    TRY_ASSIGN(UniqueFd fd, OpenAt(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    TRY(sink_.Add(entry));
    uint64_t left = entry.size;
    FdSource source(fd.get());
    while (left > 0) {
      size_t wanted = std::min<uint64_t>(buffer_.size(), left);
      TRY_ASSIGN(size_t got, source.Read({buffer_.data(), wanted}));
      if (got == 0) return FailedPrecondition("file shrank while it was read");
      TRY(sink_.Write({buffer_.data(), got}));
      left -= got;
    }
    return Ok();
  }

  LayerSink& sink_;
  const DiffOptions& options_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  // first name of each linked file
  std::string list_ = std::string(XATTR_LIST_MAX, '\0');
  std::string buffer_ = std::string(kCopyBlock, '\0');
};

std::string MediaType(Compression compression) {
  std::string type = "application/vnd.oci.image.layer.v1.tar";
  if (compression == Compression::kNone) return type;
  return type.append("+").append(CompressionName(compression));
}

}  // namespace

Result<DiffResult> DiffLayer(const std::string& changes_directory, ContentStore& store,
                             const DiffOptions& options) {
  TRY_ASSIGN(UniqueFd root, Open(changes_directory, O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(std::unique_ptr<BlobIngest> ingest, store.BeginUnnamed());
  IngestSink blob(*ingest);
  std::unique_ptr<ByteSink> compressor = MakeCompressor(options.compression, blob);
  HashingSink uncompressed(*compressor);
  TarWriter tar(uncompressed);
  TRY(Walker(tar, options).Children(root.get(), "", 0));
  TRY(tar.Finish());
  TRY(uncompressed.Finish());
  TRY_ASSIGN(BlobInfo info, ingest->Commit());
  DiffResult result;
  result.digest = info.digest;
  result.size = info.size;
  result.diff_id = uncompressed.Take();
  result.media_type = MediaType(options.compression);
  result.uncompressed_bytes = uncompressed.size();
  return result;
}

}  // namespace onggi
