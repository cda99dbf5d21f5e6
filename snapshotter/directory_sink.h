// DirectorySink: a LayerSink that writes the entries below a directory fd, in overlayfs's own form:
// a whiteout is a character device 0:0, an opaque directory carries trusted.overlay.opaque=y
// (Documentation/filesystems/overlayfs.rst).
//
// Every entry's parent is resolved from the root fd with openat2(RESOLVE_IN_ROOT |
// RESOLVE_NO_MAGICLINKS); after that only calls relative to that fd that follow no link, and calls
// on the new entry's own fd. The last parent stays open for the entries that follow in it; it is
// dropped at once when an entry could change what its path means (a link, a whiteout, a
// replacement): an optimisation that outlived such an entry was CVE-2025-47290.
//
// Whiteouts speak of the layers below only (OCI image-spec, layer.md): a whiteout beside an entry
// of the same path leaves that entry in place, and hides the directory below it.
//
// Thread-safety and errors: as LayerSink; what a layer says wrong is InvalidArgument, naming the
// entry. Ownership: takes the fd.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

class DirectorySink : public LayerSink {
 public:
  explicit DirectorySink(UniqueFd root);

  Result<> Add(const LayerEntry& entry) override;
  Result<> Write(std::string_view bytes) override;
  Result<> Whiteout(const std::string& path) override;
  Result<> Opaque(const std::string& path) override;
  // May be called again: answers the same.
  Result<LayerUsage> Finish() override;

  int root_fd() const { return root_.get(); }
  // Directories that exist only because an entry lies in them, parents before children; "" is the
  // root. The layer says nothing of their owner, mode and times: those of the layers below stand.
  const std::set<std::string>& implied_directories() const { return implied_; }

 private:
  struct Target {
    int parent;        // borrowed: valid until the next call
    std::string name;  // one component
  };
  // What is set on a directory when nothing is written in it any more.
  struct Deferred {
    std::string path;
    int64_t mtime_ns;
    mode_t mode;
    std::string default_acl;
  };

  Result<> AddAt(const std::string& path, const LayerEntry& entry);
  Result<Target> Resolve(const std::string& path);
  Result<> OpenParent(const std::string& dir);
  Result<> MakeParents(const std::string& dir);
  Result<UniqueFd> MakeParent(int parent, const std::string& name, const std::string& path);
  Result<> MakeRegular(const Target& target, const LayerEntry& entry);
  Result<> MakeDirectory(const Target& target, const std::string& path, const LayerEntry& entry);
  Result<> MakeHardLink(const Target& target, const LayerEntry& entry);
  Result<> MakeSpecial(const Target& target, const LayerEntry& entry);
  Result<> RootAttributes(const LayerEntry& entry);
  // Owner, mode and xattrs of the directory DIR; times are deferred.
  Result<> SetDirectory(int dir, const std::string& path, const LayerEntry& entry);
  Result<> FinishFile();
  Result<> FinishDirectory(const Deferred& directory);
  // Removes what stands at TARGET, whatever it is.
  Result<> Clear(const Target& target);
  void ForgetParent();

  UniqueFd root_;
  std::string parent_path_;
  UniqueFd parent_;
  UniqueFd file_;  // the regular file being written, and what is still to be set on it
  LayerEntry file_entry_;
  uint64_t file_left_ = 0;
  std::vector<Deferred> deferred_;
  std::set<std::string> implied_ = {""};
  bool recount_ = false;  // something counted was replaced: Finish counts what is there
  bool finished_ = false;
  LayerUsage usage_;
};

// "./a//b/" -> "a/b"; "" is the root itself. InvalidArgument when a component is "..", is longer
// than a name may be, or holds a NUL.
Result<std::string> CleanLayerPath(const std::string& path);

}  // namespace onggi
