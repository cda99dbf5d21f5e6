#include <isa-l/igzip_lib.h>

#include <algorithm>

#include "image/layer/input_buffer.h"

namespace onggi {
namespace {

// ISA-L's 32-bit counters bound what one call may see.
constexpr size_t kMaxCall = size_t{1} << 30;

std::string_view InflateError(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK:
      return "invalid deflate block";
    case ISAL_INVALID_SYMBOL:
      return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
      return "invalid distance";
    case ISAL_INVALID_WRAPPER:
      return "invalid header";
    case ISAL_UNSUPPORTED_METHOD:
      return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
      return "checksum mismatch";
    default:
      return "inflate failed";
  }
}

// Members one after another (as eStargz and parallel compressors write them), zeros as padding.
class GzipSource : public DecompressSource {
 public:
  GzipSource(InputBuffer input, const DecompressLimits& limits)
      : input_(std::move(input)), budget_(limits), state_(std::make_unique<inflate_state>()) {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
  }

  Result<size_t> Read(std::span<char> buffer) override {
    size_t wanted = std::min(buffer.size(), kMaxCall);
    while (!at_end_) {
      if (state_->block_state == ISAL_BLOCK_FINISH) {
        TRY(NextMember());
        continue;
      }
      size_t before = input_.available().size();
      TRY_ASSIGN(size_t got, Inflate(buffer.first(wanted)));
      if (got > 0) return got;
      if (state_->block_state == ISAL_BLOCK_FINISH) continue;
      if (size_t left = input_.available().size(); left > 0) {
        // Never seen; it would be an endless loop.
        if (left == before) return Error(Code::kDataLoss, "gzip: decoder does not go on");
        continue;
      }
      TRY_ASSIGN(bool more, input_.Fill());
      if (!more) return Error(Code::kDataLoss, "gzip: data ends in the middle");
    }
    return size_t{0};
  }
  uint64_t bytes_in() const override { return input_.bytes_in(); }
  uint64_t bytes_out() const override { return budget_.bytes_out(); }

 private:
  Result<size_t> Inflate(std::span<char> buffer) {
    std::string_view in = input_.available();
    state_->next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in.data()));
    state_->avail_in = static_cast<uint32_t>(in.size());
    state_->next_out = reinterpret_cast<uint8_t*>(buffer.data());
    state_->avail_out = static_cast<uint32_t>(buffer.size());
    int result = isal_inflate(state_.get());
    if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT) {
      return Error(Code::kDataLoss, "gzip: " + std::string(InflateError(result)));
    }
    // At the end of a member the decoder gives back what it read ahead, perhaps more than this call
    // gave it.
    size_t left = state_->avail_in;
    if (left <= in.size()) {
      input_.Take(in.size() - left);
    } else {
      CHECK(left - in.size() <= InputBuffer::kGiveBack);
      input_.GiveBack(left - in.size());
    }
    size_t got = buffer.size() - state_->avail_out;
    TRY(budget_.Charge(got, input_.bytes_in()));
    return got;
  }

  Result<> NextMember() {
    while (input_.available().empty()) {
      TRY_ASSIGN(bool more, input_.Fill());
      if (!more) {
        at_end_ = true;
        return Ok();
      }
    }
    if (input_.available().front() == '\x1f') {
      isal_inflate_reset(state_.get());
      state_->crc_flag = ISAL_GZIP;
      return Ok();
    }
    return SkipPadding();
  }

  Result<> SkipPadding() {
    do {
      std::string_view in = input_.available();
      if (std::any_of(in.begin(), in.end(), [](char c) { return c != '\0'; })) {
        return Error(Code::kDataLoss, "gzip: garbage after the last member");
      }
      input_.Take(in.size());
      TRY_ASSIGN(bool more, input_.Fill());
      at_end_ = !more;
    } while (!at_end_);
    return Ok();
  }

  InputBuffer input_;
  OutputBudget budget_;
  std::unique_ptr<inflate_state> state_;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<DecompressSource> MakeGzipSource(InputBuffer input,
                                                 const DecompressLimits& limits) {
  return std::make_unique<GzipSource>(std::move(input), limits);
}

}  // namespace onggi
