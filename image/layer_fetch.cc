#include "image/layer_fetch.h"

#include "image/layer/apply.h"
#include "image/layer/decompress.h"

namespace onggi {
namespace {

// Bad bytes, as opposed to bytes that did not come.
bool IsBadContent(const Error& error) {
  return error.code() == Code::kDataLoss || error.code() == Code::kInvalidArgument;
}

// Checks digest and size of what passes, for a blob that is not kept.
class VerifiedSource : public ByteSource {
 public:
  VerifiedSource(ByteSource& upstream, const Descriptor& blob) : upstream_(upstream), blob_(blob) {}
  Result<size_t> Read(std::span<char> buffer) override {
    TRY_ASSIGN(size_t got, upstream_.Read(buffer));
    hash_.Update({buffer.data(), got});
    size_ += got;
    return got;
  }
  Result<> Check() {
    Digest got = hash_.Finish();
    if (got == blob_.digest && size_ == blob_.size) return Ok();
    return Error(Code::kDataLoss, "blob: expected " + blob_.digest.text() + " of " +
                                      std::to_string(blob_.size) + " bytes, got " + got.text() +
                                      " of " + std::to_string(size_));
  }

 private:
  ByteSource& upstream_;
  const Descriptor& blob_;
  Sha256 hash_;
  uint64_t size_ = 0;
};

ApplyOptions OptionsFor(const Descriptor& blob, const Digest& diff_id, const CancelToken& cancel) {
  ApplyOptions options;
  options.media_type = blob.media_type;
  options.diff_id = diff_id;
  options.cancel = cancel;
  return options;
}

Result<> ApplyFromStore(const LayerFetch& fetch, LayerDraft& draft, const Descriptor& blob,
                        const ApplyOptions& options) {
  TRY_ASSIGN(UniqueFd file, fetch.content.Open(blob.digest));
  FdSource source(file.get());
  MeteredSource metered(source, fetch.meter);
  TRY(ApplyLayer(metered, draft.sink(), options));
  return Ok();
}

Result<> ApplyAndKeep(const LayerFetch& fetch, LayerDraft& draft, const Descriptor& blob,
                      const ApplyOptions& options, BlobIngest& ingest) {
  auto source = fetch.remote->OpenBlob(blob, ingest.offset(), options.cancel);
  TeeSource tee(*source, ingest);
  MeteredSource metered(tee, fetch.meter);
  auto applied = ApplyLayer(metered, draft.sink(), options);
  if (!applied) {
    if (IsBadContent(applied.error())) ingest.Discard();
    return std::move(applied).error();
  }
  TRY(ingest.Commit());
  return Ok();
}

Result<> ApplyOnly(const LayerFetch& fetch, LayerDraft& draft, const Descriptor& blob,
                   const ApplyOptions& options) {
  auto source = fetch.remote->OpenBlob(blob, 0, options.cancel);
  VerifiedSource verified(*source, blob);
  MeteredSource metered(verified, fetch.meter);
  TRY(ApplyLayer(metered, draft.sink(), options));
  return verified.Check();
}

// An ingest of the blob; null when the blob is here. Waits for another pull that receives it now.
Result<std::unique_ptr<BlobIngest>> BeginIngest(ContentStore& content, const Descriptor& blob,
                                                const CancelToken& cancel) {
  while (true) {
    auto ingest = content.Begin(blob.digest, blob.size);
    if (ingest) return ingest;
    if (ingest.error().code() == Code::kAlreadyExists) return std::unique_ptr<BlobIngest>();
    if (ingest.error().code() != Code::kAborted) return ingest;
    TRY(SleepFor(std::chrono::milliseconds(20), cancel));
  }
}

Result<std::unique_ptr<LayerDraft>> FetchOnce(const LayerFetch& fetch, const Descriptor& blob,
                                              const Digest& diff_id, const CancelToken& cancel) {
  const ApplyOptions options = OptionsFor(blob, diff_id, cancel);
  TRY_ASSIGN(std::unique_ptr<LayerDraft> draft, fetch.snapshotter.BeginLayer());
  std::unique_ptr<BlobIngest> ingest;
  bool in_store = fetch.content.Has(blob.digest);
  if (!in_store && fetch.remote == nullptr) {
    return NotFound("its blob is not in the content store");
  }
  if (!in_store && fetch.keep_blob) {
    TRY_ASSIGN(ingest, BeginIngest(fetch.content, blob, cancel));
    in_store = ingest == nullptr;
  }
  if (in_store) {
    TRY(ApplyFromStore(fetch, *draft, blob, options));
  } else if (ingest != nullptr) {
    TRY(ApplyAndKeep(fetch, *draft, blob, options, *ingest));
  } else {
    TRY(ApplyOnly(fetch, *draft, blob, options));
  }
  return draft;
}

}  // namespace

Result<std::unique_ptr<LayerDraft>> FetchLayer(const LayerFetch& fetch, const Descriptor& blob,
                                               const Digest& diff_id, const CancelToken& cancel) {
  TRY(LayerCompression(blob.media_type).Wrap("layer " + blob.digest.text()));
  bool was_here = fetch.content.Has(blob.digest);
  auto draft = FetchOnce(fetch, blob, diff_id, cancel);
  // A blob that an unclean end left damaged: the registry has it whole.
  if (!draft && was_here && fetch.remote != nullptr && IsBadContent(draft.error()) &&
      !fetch.content.Verify(blob.digest)) {
    TRY(fetch.content.Remove(blob.digest));
    draft = FetchOnce(fetch, blob, diff_id, cancel);
  }
  if (!draft) return std::move(draft).Wrap("layer " + blob.digest.text()).error().Clone();
  return draft;
}

}  // namespace onggi
