// RootedSink: the plainest LayerSink that is safe, for tests of what stands before a sink: every
// path is resolved from the root for each call, nothing is remembered, errors are not explained.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

class RootedSink : public LayerSink {
 public:
  explicit RootedSink(const std::string& directory)
      : root_(Open(directory, O_RDONLY | O_DIRECTORY).value()) {}

  Result<> Add(const LayerEntry& entry) override {
    file_.reset();
    TRY_ASSIGN(RootedPath::Parent at, Parent(entry.path));
    const char* name = at.name.c_str();
    struct stat info;
    bool exists = fstatat(at.dir.get(), name, &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && S_ISDIR(info.st_mode) && entry.type == EntryType::kDirectory) return Ok();
    if (exists) TRY(RemoveTreeAt(at.dir.get(), at.name));
    switch (entry.type) {
      case EntryType::kRegular: {
        TRY_ASSIGN(file_, OpenAt(at.dir.get(), at.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                 entry.mode));
        return Ok();
      }
      case EntryType::kDirectory:
        return Check(mkdirat(at.dir.get(), name, entry.mode), "mkdirat");
      case EntryType::kSymlink:
        return Check(symlinkat(entry.link_target.c_str(), at.dir.get(), name), "symlinkat");
      case EntryType::kHardLink: {
        TRY_ASSIGN(RootedPath::Parent from, Parent(entry.link_target));
        return Check(linkat(from.dir.get(), from.name.c_str(), at.dir.get(), name, 0), "linkat");
      }
      default:
        return Check(mknodat(at.dir.get(), name,
                             entry.mode | (entry.type == EntryType::kFifo ? S_IFIFO : S_IFCHR),
                             makedev(entry.device_major, entry.device_minor)),
                     "mknodat");
    }
  }
  Result<> Write(std::string_view bytes) override { return WriteAll(file_.get(), bytes); }
  Result<> Whiteout(const std::string& path) override {
    TRY_ASSIGN(RootedPath::Parent at, Parent(path));
    TRY(RemoveTreeAt(at.dir.get(), at.name));
    return Check(mknodat(at.dir.get(), at.name.c_str(), S_IFCHR, 0), "mknodat");
  }
  Result<> Opaque(const std::string& path) override {
    TRY_ASSIGN(UniqueFd dir, RootedPath(root_.get()).Open(path, O_RDONLY | O_DIRECTORY));
    return Check(fsetxattr(dir.get(), "trusted.overlay.opaque", "y", 1, 0), "fsetxattr");
  }
  Result<LayerUsage> Finish() override { return LayerUsage{}; }

 private:
  static Result<> Check(int result, const char* call) {
    if (result < 0) return SysError(call);
    return Ok();
  }
  Result<RootedPath::Parent> Parent(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    size_t slash = path.rfind('/');
    std::string_view name = path.substr(slash + 1);
    if (name.empty() || name == ".") return InvalidArgument("the root itself");
    std::string dir(slash == std::string_view::npos ? "." : path.substr(0, slash));
    RootedPath root(root_.get());
    if (dir.empty()) dir = ".";
    TRY_ASSIGN(UniqueFd fd, root.MakeDirs(dir, 0755));
    return RootedPath::Parent{std::move(fd), std::string(name)};
  }

  UniqueFd root_;
  UniqueFd file_;
};

}  // namespace onggi
