#include "image/layer/input_buffer.h"

#include <algorithm>
#include <cstring>

namespace onggi {

InputBuffer::InputBuffer(ByteSource& upstream)
    : upstream_(&upstream), bytes_(new char[kGiveBack + kSize]()) {}

Result<bool> InputBuffer::Fill() {
  size_t kept = end_ - begin_;
  if (end_ == kGiveBack + kSize) {
    CHECK(begin_ > kGiveBack);  // a decoder that takes nothing of a full buffer is broken
    // The bytes before begin_ move along: GiveBack() must find them.
    memmove(data(), data() + begin_ - kGiveBack, kGiveBack + kept);
    begin_ = kGiveBack;
    end_ = kGiveBack + kept;
  }
  TRY_ASSIGN(size_t got, upstream_->Read({data() + end_, kGiveBack + kSize - end_}));
  end_ += got;
  bytes_in_ += got;
  return got > 0;
}

Result<> OutputBudget::Charge(uint64_t bytes, uint64_t bytes_in) {
  bytes_out_ += bytes;
  // Divided, not multiplied: no overflow whatever the limits are.
  bool over_ratio = bytes_out_ > limits_.free_bytes && bytes_out_ / limits_.max_ratio > bytes_in;
  if (bytes_out_ <= limits_.max_bytes && !over_ratio) return Ok();
  return InvalidArgument("compressed data expands too far: " + std::to_string(bytes_in) +
                         " bytes gave more than " + std::to_string(bytes_out_));
}

}  // namespace onggi
