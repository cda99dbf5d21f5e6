#include <zstd.h>

#include "image/layer/input_buffer.h"

namespace onggi {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Frames one after another, skippable frames (zstd:chunked's table of contents) passed over: the
// library does both.
class ZstdSource : public DecompressSource {
 public:
  ZstdSource(InputBuffer input, const DecompressLimits& limits)
      : input_(std::move(input)), budget_(limits), context_(ZSTD_createDCtx()) {
    CHECK(context_ != nullptr);
    // A frame that wants a larger window is refused before the memory is taken.
    CHECK(!ZSTD_isError(
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, limits.zstd_window_log)));
  }

  Result<size_t> Read(std::span<char> buffer) override {
    while (true) {
      std::string_view held = input_.available();
      // With no input left the decoder may still hold output of the last block.
      ZSTD_inBuffer in{held.data(), held.size(), 0};
      ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
      if (!held.empty() || in_frame_) {
        size_t hint = ZSTD_decompressStream(context_.get(), &out, &in);
        if (ZSTD_isError(hint)) {
          return Error(Code::kDataLoss, "zstd: " + std::string(ZSTD_getErrorName(hint)));
        }
        in_frame_ = hint != 0;
        input_.Take(in.pos);
        TRY(budget_.Charge(out.pos, input_.bytes_in()));
        if (out.pos > 0) return out.pos;
        if (!input_.available().empty()) continue;
      }
      TRY_ASSIGN(bool more, input_.Fill());
      if (more) continue;
      if (in_frame_) return Error(Code::kDataLoss, "zstd: data ends in the middle");
      return size_t{0};
    }
  }
  uint64_t bytes_in() const override { return input_.bytes_in(); }
  uint64_t bytes_out() const override { return budget_.bytes_out(); }

 private:
  InputBuffer input_;
  OutputBudget budget_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  bool in_frame_ = false;
};

}  // namespace

std::unique_ptr<DecompressSource> MakeZstdSource(InputBuffer input,
                                                 const DecompressLimits& limits) {
  return std::make_unique<ZstdSource>(std::move(input), limits);
}

}  // namespace onggi
