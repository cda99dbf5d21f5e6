#include "engine/container/image_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own limit

enum class Kind { kAbsent, kWhiteout, kDirectory, kOpaque, kLink, kOther };

struct Found {
  Kind kind = Kind::kAbsent;
  UniqueFd fd;  // O_PATH
};

bool IsOpaque(int fd) {
  char value[2] = {};
  // A path through /proc because getxattr takes no O_PATH fd.
  ssize_t n = getxattr(ProcFdPath(fd).c_str(), "trusted.overlay.opaque", value, sizeof value);
  return n == 1 && value[0] == 'y';
}

// NAME in the layer, no link followed at the end or on the way.
Result<Found> Look(int layer_fd, const std::string& path) {
  Found found;
  auto fd = OpenAt2(layer_fd, path.empty() ? "." : path, O_PATH | O_NOFOLLOW,
                    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  if (!fd) {
    int error = fd.error().sys_errno();
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) return found;
    return std::move(fd).error();
  }
  struct stat st {};
  if (fstat(fd->get(), &st) != 0) return SysError("fstat");
  found.fd = std::move(*fd);
  if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0)) {
    found.kind = Kind::kWhiteout;
  } else if (S_ISDIR(st.st_mode)) {
    found.kind = IsOpaque(found.fd.get()) ? Kind::kOpaque : Kind::kDirectory;
  } else {
    found.kind = S_ISLNK(st.st_mode) ? Kind::kLink : Kind::kOther;
  }
  return found;
}

Result<std::string> ReadLink(int fd) {
  char text[4096];
  ssize_t n = readlinkat(fd, "", text, sizeof text);
  if (n < 0) return SysError("readlinkat");
  return std::string(text, static_cast<size_t>(n));
}

// "a/../b/./c" -> "b/c"; ".." at the top stays there.
std::string Normalise(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.emplace_back(part);
    }
  }
  return Join(parts, "/");
}

std::string ParentOf(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Reads through an fd that was proved to be a regular file; O_NONBLOCK so that nothing can hang.
Result<std::string> ReadRegular(int path_fd, const std::string& path, size_t limit) {
  struct stat st {};
  if (fstat(path_fd, &st) != 0) return SysError("fstat " + path);
  if (!S_ISREG(st.st_mode)) {
    return InvalidArgument("the image's " + path + " is not a regular file");
  }
  TRY_ASSIGN(UniqueFd fd, Open(ProcFdPath(path_fd), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  return ReadAll(fd.get(), limit).Wrap("the image's " + path);
}

}  // namespace

Result<ImageRoot> ImageRoot::Open(const RootfsMount& rootfs) {
  std::vector<std::string> paths = rootfs.lower;
  if (rootfs.kind == RootfsMount::Kind::kBind) paths = {rootfs.source};
  std::vector<Layer> layers;
  layers.reserve(paths.size());
  for (std::string& path : paths) {
    TRY_ASSIGN(UniqueFd fd, onggi::Open(path, O_PATH | O_DIRECTORY));
    layers.push_back({std::move(path), std::move(fd)});
  }
  return ImageRoot(std::move(layers));
}

// The path with every link replaced, as the merged tree shows it.
Result<std::string> ImageRoot::Resolve(const std::string& path, int links) const {
  std::string done;
  std::vector<std::string_view> parts = Split(path, '/');
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    std::string next = done.empty() ? std::string(parts[i]) : done + "/" + std::string(parts[i]);
    Found found;
    for (const Layer& layer : layers_) {
      TRY_ASSIGN(found, Look(layer.fd.get(), next));
      if (found.kind != Kind::kAbsent) break;
    }
    if (found.kind == Kind::kLink) {
      if (links == 0) return InvalidArgument("too many links in the image's /" + path);
      TRY_ASSIGN(std::string target, ReadLink(found.fd.get()));
      std::string whole = !target.empty() && target[0] == '/' ? target : done + "/" + target;
      for (size_t k = i + 1; k < parts.size(); ++k) whole += "/" + std::string(parts[k]);
      return Resolve(Normalise(whole), links - 1);
    }
    done = std::move(next);
  }
  return done;
}

Result<std::string> ImageRoot::ReadFile(const std::string& path, size_t limit) const {
  TRY_ASSIGN(std::string real, Resolve(Normalise(path), kMaxLinks));
  for (const Layer& layer : layers_) {
    TRY_ASSIGN(Found found, Look(layer.fd.get(), real));
    if (found.kind == Kind::kWhiteout) return std::string();
    if (found.kind != Kind::kAbsent) return ReadRegular(found.fd.get(), path, limit);
    // A directory above it that hides the lower layers ends the search.
    for (std::string parent = ParentOf(real); !parent.empty(); parent = ParentOf(parent)) {
      TRY_ASSIGN(Found above, Look(layer.fd.get(), parent));
      if (above.kind != Kind::kAbsent && above.kind != Kind::kDirectory) return std::string();
    }
  }
  return std::string();
}

Result<std::vector<std::string>> ImageRoot::DirectoriesOf(const std::string& path) const {
  std::string clean = Normalise(path);
  std::vector<std::string> found_in;
  for (const Layer& layer : layers_) {
    bool hidden = false;
    std::string prefix;
    for (std::string_view part : Split(clean, '/')) {
      prefix += (prefix.empty() ? "" : "/") + std::string(part);
      TRY_ASSIGN(Found found, Look(layer.fd.get(), prefix));
      bool last = prefix.size() == clean.size();
      if (found.kind == Kind::kLink || found.kind == Kind::kOther) {
        if (found_in.empty()) {
          return InvalidArgument("/" + prefix + " of the image is not a directory");
        }
        hidden = true;
      }
      hidden = hidden || found.kind == Kind::kWhiteout || found.kind == Kind::kOpaque;
      bool is_directory = found.kind == Kind::kDirectory || found.kind == Kind::kOpaque;
      if (last && is_directory) {
        found_in.push_back(clean.empty() ? layer.path : layer.path + "/" + clean);
      }
      if (!is_directory) break;
    }
    if (hidden) break;
  }
  if (found_in.empty()) return NotFound("the image has no directory /" + clean);
  return found_in;
}

}  // namespace onggi
