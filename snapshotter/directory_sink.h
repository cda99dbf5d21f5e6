// DirectorySink: a LayerSink that writes the entries below a directory fd, in overlayfs's own form:
// a whiteout is a character device 0:0, an opaque directory carries trusted.overlay.opaque=y
// (Documentation/filesystems/overlayfs.rst).
//
// Every entry's parent is resolved from the root fd with openat2(RESOLVE_IN_ROOT); after that only
// fd-relative calls that follow no link. The last parent is kept open and reused until an entry of
// another directory comes; it is dropped at once when an entry could change what its path means (a
// link, a whiteout, a replacement): an optimisation that outlived such an entry was CVE-2025-47290.
//
// Thread-safety and errors: as LayerSink. Ownership: takes the fd.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

class DirectorySink : public LayerSink {
 public:
  explicit DirectorySink(UniqueFd root) : root_(std::move(root)) {}

  Result<> Add(const LayerEntry& entry) override;
  Result<> Write(std::string_view bytes) override;
  Result<> Whiteout(const std::string& path) override;
  Result<> Opaque(const std::string& path) override;
  Result<LayerUsage> Finish() override;

  int root_fd() const { return root_.get(); }

 private:
  struct Target {
    int parent;        // borrowed: valid until the next call
    std::string name;  // one component
  };
  struct DirectoryTime {
    std::string path;
    int64_t mtime_ns;
  };

  Result<Target> Resolve(const std::string& path);
  Result<> OpenParent(const std::string& dir);
  Result<> MakeRegular(const Target& target, const LayerEntry& entry);
  Result<> MakeDirectory(const Target& target, const LayerEntry& entry);
  Result<> MakeHardLink(const Target& target, const LayerEntry& entry);
  Result<> MakeSpecial(const Target& target, const LayerEntry& entry);
  Result<> RootAttributes(const LayerEntry& entry);
  // Owner, mode, xattrs and times of what is no regular file.
  Result<> SetAttributes(const Target& target, const LayerEntry& entry);
  Result<> FinishFile();
  // Removes what stands at TARGET, whatever it is.
  Result<> Clear(const Target& target);
  void ForgetParent();

  UniqueFd root_;
  std::string parent_path_;
  UniqueFd parent_;
  UniqueFd file_;  // of the regular file being written
  LayerEntry file_entry_;
  uint64_t file_left_ = 0;
  std::vector<DirectoryTime> directory_times_;
  LayerUsage usage_;
};

// "./a//b/" -> "a/b"; "" is the root itself. InvalidArgument when a component is "..", is longer
// than a name may be, or holds a NUL.
Result<std::string> CleanLayerPath(const std::string& path);

}  // namespace onggi
