#include "image/install.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "image/config_json.h"
#include "image/layer_fetch.h"

namespace onggi {
namespace {

struct Layer {
  Descriptor blob;
  Digest diff_id;
  std::string chain_id;
  bool is_present = false;  // its snapshot is here
  std::unique_ptr<LayerDraft> draft;
};

Result<std::vector<Layer>> PlanLayers(const InstallPlan& plan) {
  TRY_ASSIGN(ImageConfig config, ParseImageConfig(plan.config_bytes));
  const auto& blobs = plan.manifest.layers;
  if (config.diff_ids.size() != blobs.size()) {
    return InvalidArgument("the manifest has " + std::to_string(blobs.size()) +
                           " layers, the config " + std::to_string(config.diff_ids.size()));
  }
  std::vector<Digest> diff_ids;
  for (const std::string& diff_id : config.diff_ids) {
    TRY_ASSIGN(Digest digest, Digest::Parse(diff_id));
    diff_ids.push_back(std::move(digest));
  }
  std::vector<Digest> chain = ChainIds(diff_ids);
  std::vector<Layer> layers(blobs.size());
  for (size_t i = 0; i < blobs.size(); ++i) {
    layers[i].blob = blobs[i];
    layers[i].diff_id = diff_ids[i];
    layers[i].chain_id = chain[i].text();
  }
  return layers;
}

std::vector<std::string> BlobsOf(const InstallPlan& plan) {
  std::vector<std::string> blobs{plan.manifest_digest.text(), plan.manifest.config.digest.text()};
  for (const Descriptor& layer : plan.manifest.layers) blobs.push_back(layer.digest.text());
  return blobs;
}

// After a broken connection or a cancellation the next pull goes on with the blobs that came; after
// bad bytes or on a full disk their space is better returned.
bool LeavesBlobs(const Error& error) {
  return error.code() == Code::kUnavailable || error.code() == Code::kCancelled ||
         error.code() == Code::kDeadlineExceeded;
}

std::vector<std::string> TargetsOf(const InstallPlan& plan, const std::vector<Layer>& layers) {
  std::vector<std::string> targets = BlobsOf(plan);
  for (const Layer& layer : layers) targets.push_back(layer.chain_id);
  return targets;
}

// Several threads take layers, the largest first, until all are unpacked or one failed.
class LayerCrew {
 public:
  LayerCrew(const LayerFetch& fetch, std::vector<Layer>& layers) : fetch_(fetch), layers_(layers) {
    for (size_t i = 0; i < layers.size(); ++i) {
      if (!layers[i].is_present) order_.push_back(i);
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [&](size_t a, size_t b) { return layers[a].blob.size > layers[b].blob.size; });
  }

  Result<> Run(int max_threads, const CancelToken& cancel) {
    auto stop = stop_;  // the callback owns what it touches
    auto registration = cancel.OnCancel([stop] { stop->Cancel(); });
    size_t count = std::min(order_.size(), static_cast<size_t>(std::max(max_threads, 1)));
    std::vector<std::thread> threads;
    for (size_t i = 1; i < count; ++i) threads.emplace_back([this] { Work(); });
    Work();
    for (std::thread& thread : threads) thread.join();
    MutexLock lock(mutex_);
    if (failure_) return std::move(*failure_);
    return cancel.Check();
  }

 private:
  void Work() {
    while (!stop_->token().cancelled()) {
      size_t next = next_.fetch_add(1);
      if (next >= order_.size()) return;
      Layer& layer = layers_[order_[next]];
      auto draft = FetchLayer(fetch_, layer.blob, layer.diff_id, stop_->token());
      if (draft) {
        layer.draft = *std::move(draft);
        fetch_.meter.AddLayer();
        continue;
      }
      MutexLock lock(mutex_);
      if (!failure_) failure_ = std::move(draft).error();  // later ones are its consequences
      stop_->Cancel();
    }
  }

  const LayerFetch& fetch_;
  std::vector<Layer>& layers_;
  std::vector<size_t> order_;
  std::atomic<size_t> next_{0};
  const std::shared_ptr<CancelSource> stop_ = std::make_shared<CancelSource>();
  Mutex mutex_;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

Result<> FindPresent(Snapshotter& snapshotter, std::vector<Layer>& layers, PullMeter& meter) {
  for (Layer& layer : layers) {
    TRY_ASSIGN(auto info, snapshotter.Stat(layer.chain_id));
    layer.is_present = info && info->kind == SnapshotInfo::Kind::kCommitted;
    if (!layer.is_present) continue;
    meter.AddBytes(layer.blob.size);
    meter.AddLayer();
  }
  return Ok();
}

Result<> CommitLayers(Snapshotter& snapshotter, std::vector<Layer>& layers,
                      std::vector<std::string>& committed) {
  std::string parent;
  for (Layer& layer : layers) {
    if (!layer.is_present) {
      auto done = snapshotter.Commit(std::move(layer.draft), layer.chain_id, parent);
      if (done) committed.insert(committed.begin(), layer.chain_id);
      if (!done && done.error().code() != Code::kAlreadyExists) return done;
    }
    parent = layer.chain_id;
  }
  return Ok();
}

Result<> Record(const InstallContext& context, const InstallPlan& plan,
                const std::vector<Layer>& layers) {
  TRY(context.content.Put(plan.config_bytes));
  TRY(context.content.Put(plan.manifest_bytes));
  ImageRecord record{.id = plan.manifest.config.digest.text(),
                     .manifest_digest = plan.manifest_digest.text(),
                     .manifest_type = plan.manifest.media_type,
                     .size = ContentSize(plan.manifest) + plan.manifest_bytes.size()};
  for (const Layer& layer : layers) {
    record.layers.push_back({.digest = layer.blob.digest.text(),
                             .size = layer.blob.size,
                             .media_type = layer.blob.media_type,
                             .diff_id = layer.diff_id.text(),
                             .chain_id = layer.chain_id});
  }
  return context.images.Put(std::move(record), plan.names);
}

// COMMITTED: the snapshots that this made, top first, also when it fails.
Result<> Complete(const InstallContext& context, const InstallPlan& plan,
                  std::vector<Layer>& layers, std::vector<std::string>& committed, PullMeter& meter,
                  const CancelToken& cancel) {
  TRY(FindPresent(context.snapshotter, layers, meter));
  const LayerFetch fetch{.content = context.content,
                         .snapshotter = context.snapshotter,
                         .remote = plan.remote,
                         .meter = meter,
                         .keep_blob = context.keep_blobs};
  TRY(LayerCrew(fetch, layers).Run(context.max_parallel_layers, cancel));
  meter.Stage("unpacking");
  TRY(CommitLayers(context.snapshotter, layers, committed));
  return Record(context, plan, layers);
}

}  // namespace

Result<std::string> InstallImage(const InstallContext& context, const InstallPlan& plan,
                                 PullMeter& meter, const CancelToken& cancel) {
  TRY_ASSIGN(std::vector<Layer> layers, PlanLayers(plan));
  auto pin = context.images.PinTargets(TargetsOf(plan, layers));
  meter.Expect(ContentSize(plan.manifest), static_cast<int>(layers.size()));
  meter.AddBytes(plan.config_bytes.size());
  meter.Stage("pulling");
  std::vector<std::string> committed;
  auto outcome = Complete(context, plan, layers, committed, meter, cancel);
  if (!outcome) {
    layers.clear();  // the drafts give their space back before anything else
    pin.reset();
    // What another image needs by now stays.
    (void)context.images.Collect(
        committed, LeavesBlobs(outcome.error()) ? std::vector<std::string>() : BlobsOf(plan));
    return std::move(outcome).error();
  }
  if (!context.keep_blobs) {
    for (const Layer& layer : layers) (void)context.content.Remove(layer.blob.digest);  // as asked
  }
  meter.Stage("done");
  return plan.manifest.config.digest.text();
}

}  // namespace onggi
