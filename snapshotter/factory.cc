#include "snapshotter/factory.h"

#include "base/strings.h"
#include "snapshotter/copy/copy_snapshotter.h"
#include "snapshotter/layer_store.h"
#include "snapshotter/overlay/overlay_snapshotter.h"

namespace onggi {
namespace {

Result<> NeedsNothing(const std::string&) {
  return Ok();
}

template <typename T>
std::unique_ptr<Snapshotter> Make(std::unique_ptr<LayerStore> layers) {
  return std::make_unique<T>(std::move(layers));
}

struct Maker {
  std::string_view kind;
  Result<> (*check)(const std::string& root);
  std::unique_ptr<Snapshotter> (*make)(std::unique_ptr<LayerStore> layers);
};

// "auto" takes the first that works.
constexpr Maker kMakers[] = {
    {"overlay", CheckOverlayWorks, Make<OverlaySnapshotter>},
    {"copy", NeedsNothing, Make<CopySnapshotter>},
};

}  // namespace

Result<std::unique_ptr<Snapshotter>> OpenSnapshotter(const SnapshotterOptions& options,
                                                     Database& database) {
  for (const Maker& maker : kMakers) {
    if (options.kind != "auto" && options.kind != maker.kind) continue;
    std::string kind(maker.kind);
    std::string root = options.root + "/snapshots/" + kind;
    auto works = maker.check(root);
    if (!works && options.kind == "auto") continue;
    TRY(std::move(works).Wrap("snapshotter " + kind));
    TRY_ASSIGN(std::unique_ptr<LayerStore> layers,
               LayerStore::Open({root, kind, options.boot_id}, database));
    return maker.make(std::move(layers));
  }
  return InvalidArgument("snapshotter " + Quote(options.kind) +
                         ": expected auto, overlay, copy or erofs");
}

Result<std::unique_ptr<Snapshotter>> OpenSnapshotter(std::string_view kind, const std::string& root,
                                                     Database& database) {
  return OpenSnapshotter({.kind = std::string(kind), .root = root}, database);
}

}  // namespace onggi
