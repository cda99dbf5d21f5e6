#include "image/layer/apply.h"

#include <algorithm>
#include <thread>

#include "base/strings.h"
#include "image/layer/block_ring.h"
#include "image/layer/whiteout.h"

namespace onggi {
namespace {

// The layer's own overlay marks would be obeyed by the kernel: a layer could hide what it does not
// delete or name files of other layers.
constexpr std::string_view kOverlayXattrs = "trusted.overlay.";

// Fills one block of RING; false at the end of SOURCE or when the consumer has stopped.
Result<bool> FillBlock(ByteSource& source, BlockRing& ring) {
  std::span<char> block = ring.Acquire();
  if (block.empty()) return false;
  TRY_ASSIGN(size_t got, ReadFull(source, block));
  if (got > 0) ring.Publish(got);
  return got == block.size();
}

// The producer's thread. Joined before ApplyLayer returns, whatever happened.
class Inflater {
 public:
  Inflater(ByteSource& source, BlockRing& ring, CancelToken cancel)
      : source_(source), ring_(ring), cancel_(std::move(cancel)) {
    // A layer of one block needs no thread.
    if (Step())
      thread_ = std::thread([this] {
        while (Step()) {
        }
      });
  }
  ~Inflater() {
    ring_.Stop();
    if (thread_.joinable()) thread_.join();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

 private:
  bool Step() {
    Result<> go_on = cancel_.Check();
    Result<bool> more = go_on ? FillBlock(source_, ring_) : Result<bool>(std::move(go_on).error());
    if (more && *more) return true;
    ring_.Close(more ? Ok() : Result<>(std::move(more).error()));
    return false;
  }

  ByteSource& source_;
  BlockRing& ring_;
  const CancelToken cancel_;
  std::thread thread_;
};

void DropOverlayXattrs(LayerEntry& entry) {
  std::erase_if(entry.xattrs,
                [](const auto& xattr) { return xattr.first.starts_with(kOverlayXattrs); });
}

Result<> AddFile(TarReader& tar, LayerSink& sink, LayerEntry& entry) {
  if (entry.type == EntryType::kHardLink) TRY(CheckLayerPath(entry.link_target));
  if (!entry.xattrs.empty()) DropOverlayXattrs(entry);
  TRY(sink.Add(entry));
  if (entry.type != EntryType::kRegular) return Ok();
  while (true) {
    TRY_ASSIGN(std::string_view piece, tar.Data());
    if (piece.empty()) return Ok();
    TRY(sink.Write(piece));
  }
}

Result<> AddEntry(TarReader& tar, LayerSink& sink, LayerEntry& entry) {
  TRY_ASSIGN(EntryName name, ClassifyEntryName(entry.path));
  switch (name.kind) {
    case EntryName::Kind::kFile:
      return AddFile(tar, sink, entry).Wrap("entry " + Quote(entry.path));
    case EntryName::Kind::kWhiteout:
      return sink.Whiteout(name.path).Wrap("whiteout " + Quote(name.path));
    case EntryName::Kind::kOpaque:
      return sink.Opaque(name.path).Wrap("opaque directory " + Quote(name.path));
    case EntryName::Kind::kIgnored:
      return Ok();
  }
  return Ok();
}

}  // namespace

Result<ApplyResult> ApplyLayer(ByteSource& compressed, LayerSink& sink,
                               const ApplyOptions& options) {
  if (!options.media_type.empty()) TRY(LayerCompression(options.media_type));
  TRY_ASSIGN(std::unique_ptr<DecompressSource> source, Decompress(compressed, options.limits));
  ApplyResult result;
  {
    BlockRing ring;
    Inflater inflater(*source, ring, options.cancel);
    TarReader tar(ring, options.tar_limits);
    LayerEntry entry;
    while (true) {
      TRY(options.cancel.Check());
      TRY_ASSIGN(bool more, tar.Next(entry));
      if (!more) break;
      TRY(AddEntry(tar, sink, entry));
      ++result.entries;
    }
    TRY(tar.Drain());
    result.diff_id = ring.Finish();
  }
  result.compressed_bytes = source->bytes_in();
  result.uncompressed_bytes = source->bytes_out();
  if (!options.diff_id.empty() && result.diff_id != options.diff_id) {
    return Error(Code::kDataLoss, "layer content: expected diff id " + options.diff_id.text() +
                                      ", got " + result.diff_id.text());
  }
  TRY_ASSIGN(result.usage, sink.Finish());
  return result;
}

}  // namespace onggi
