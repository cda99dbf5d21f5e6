// Snapshotter: keeps the unpacked layers of images and the writable layers of containers.
//
// Words
//   committed snapshot   one unpacked image layer on top of its parents; read-only; named by its
//                        chain id
//   active snapshot      a writable layer on top of a committed one; named by a key (a container
//   id) view                 a read-only look at a committed snapshot, under a key draft a layer
//   being unpacked; has no name, and is gone after a crash parent               the committed
//   snapshot below; "" for the lowest
//
// Scenario: import two layers, at once
//   a = BeginLayer(); b = BeginLayer();            in two threads, each into its own sink
//   ... image/layer applies tar streams to a->sink() and b->sink() ...
//   Commit(std::move(a), chain1, "");              in chain order
//   Commit(std::move(b), chain2, chain1);
// Scenario: run a container
//   Prepare("c1", chain2)  -> RootfsMount          mounted by the runtime in the container's own
//                                                  mount namespace
//   ... container runs, is removed ...
//   Remove("c1")
//
// Metadata lives in the store; files live below the snapshotter's own directory. A name is visible
// only after its files are complete and its transaction is committed; files without a record are
// swept by Sweep().
//
// Power cuts: files reach the disk later than their record. MakeDurable() flushes them and marks
// the record; when the machine boots anew, committed snapshots without the mark are dropped at
// open, with all that stand on them, so that a listed layer never holds empty files.
//
// Thread-safety: all methods from any thread. All of them block on disk. NotFound, AlreadyExists
// and FailedPrecondition (remove of a parent) mean what they say about names and keys.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

// How the runtime makes the root file system. Plain data: crosses to the monitor as JSON.
struct RootfsMount {
  enum class Kind { kOverlay, kBind };
  Kind kind = Kind::kOverlay;
  // kOverlay: directories (or, for a snapshotter of images, mounts) from the top layer to the
  // lowest.
  std::vector<std::string> lower;
  std::string upper;  // empty for a view
  std::string work;
  // kBind: the directory that is the whole root.
  std::string source;
  bool read_only = false;
};

class LayerDraft {
 public:
  // Removes what was written unless it was committed. A draft must die before its snapshotter.
  virtual ~LayerDraft() = default;
  virtual LayerSink& sink() = 0;
};

struct SnapshotInfo {
  enum class Kind { kCommitted, kActive, kView };
  Kind kind = Kind::kCommitted;
  std::string name;    // chain id or key
  std::string parent;  // "" for none
  LayerUsage usage;    // committed: counted when written; active: 0, ask UsageOf
  int64_t created_at_ns = 0;
};

class Snapshotter {
 public:
  virtual ~Snapshotter() = default;

  virtual std::string_view name() const = 0;  // "overlay", "copy", "erofs"

  virtual Result<std::unique_ptr<LayerDraft>> BeginLayer() = 0;
  // The draft's sink must be finished. AlreadyExists when CHAIN_ID is there: the draft is dropped,
  // and the caller goes on with what is there. NotFound when PARENT is not.
  virtual Result<> Commit(std::unique_ptr<LayerDraft> draft, const std::string& chain_id,
                          const std::string& parent) = 0;

  // NotFound when PARENT is no committed snapshot, AlreadyExists when KEY is taken.
  virtual Result<RootfsMount> Prepare(const std::string& key, const std::string& parent) = 0;
  virtual Result<RootfsMount> View(const std::string& key, const std::string& parent) = 0;
  // What Prepare or View answered for KEY (erofs: also mounts layers again after a reboot).
  virtual Result<RootfsMount> Mounts(const std::string& key) = 0;
  // Makes the active snapshot KEY a committed one (for commit and build): its writable files become
  // the layer CHAIN_ID. The key is gone afterwards.
  virtual Result<> CommitActive(const std::string& key, const std::string& chain_id) = 0;
  // The directory that holds what active snapshot KEY changed (an overlay upper directory:
  // whiteouts are character devices 0:0, opaque directories carry trusted.overlay.opaque). For
  // diff.
  virtual Result<std::string> ChangesOf(const std::string& key) = 0;

  virtual Result<std::optional<SnapshotInfo>> Stat(const std::string& name) = 0;
  virtual Result<std::vector<SnapshotInfo>> List() = 0;
  // Bytes and inodes of the writable layer of KEY now (walks it).
  virtual Result<LayerUsage> UsageOf(const std::string& key) = 0;
  // Unknown name: success. FailedPrecondition when another snapshot stands on it.
  virtual Result<> Remove(const std::string& name) = 0;
  // Removes files that no record names (after a crash); returns how many directories went.
  virtual Result<size_t> Sweep() = 0;

  // Once this returned, the committed snapshots CHAIN_IDS survive a power cut. Names that are not
  // there are ignored. Blocks on a flush of the whole file system: call it once for a whole image,
  // from the background.
  virtual Result<> MakeDurable(const std::vector<std::string>& chain_ids) = 0;
  // The snapshots that were dropped at open because an unclean boot may have damaged them: images
  // and containers on them are gone. Answers each name once; what was not asked for before a crash
  // shows as NotFound of Stat().
  virtual std::vector<std::string> TakeDropped() = 0;
};

}  // namespace onggi
