#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>

#include "image/layer/input_buffer.h"

namespace onggi {
namespace {

// ISA-L's 32-bit counters bound what one call may see.
constexpr size_t kMaxCall = size_t{1} << 30;

// A name and a comment as long as anybody writes, and the longest extra field.
constexpr size_t kMaxHeader = 128 << 10;
constexpr uint8_t kHeaderCrc = 2, kExtra = 4, kFileName = 8, kComment = 16, kReserved = 0xe0;

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
  }

  Result<size_t> Read(std::span<char> buffer) override {
    size_t wanted = std::min(buffer.size(), kMaxCall);
    while (!at_end_) {
      if (!in_member_) {
        TRY(ReadHeader());
        continue;
      }
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
    if (input_.available().front() != '\x1f') return SkipPadding();
    in_member_ = false;
    return Ok();
  }

  Result<uint8_t> NextByte(std::string& header) {
    if (header.size() >= kMaxHeader) return Error(Code::kDataLoss, "gzip: header too long");
    while (input_.available().empty()) {
      TRY_ASSIGN(bool more, input_.Fill());
      if (!more) return Error(Code::kDataLoss, "gzip: data ends in the middle");
    }
    char byte = input_.available().front();
    input_.Take(1);
    header += byte;
    return static_cast<uint8_t>(byte);
  }

  Result<uint16_t> NextShort(std::string& header) {
    TRY_ASSIGN(uint8_t low, NextByte(header));
    TRY_ASSIGN(uint8_t high, NextByte(header));
    return static_cast<uint16_t>(low | high << 8);
  }

  // RFC 1952. Not left to ISA-L: 2.30 keeps what it has read of a header on its stack, so that a
  // header that arrives in two pieces is misread.
  Result<> ReadHeader() {
    std::string header;
    uint8_t fixed[10];
    for (uint8_t& byte : fixed) {
      TRY_ASSIGN(byte, NextByte(header));
    }
    if (fixed[0] != 0x1f || fixed[1] != 0x8b) {
      return Error(Code::kDataLoss, "gzip: garbage after the last member");
    }
    if (fixed[2] != 8) return Error(Code::kDataLoss, "gzip: unknown compression method");
    uint8_t flags = fixed[3];
    if ((flags & kReserved) != 0) return Error(Code::kDataLoss, "gzip: unknown header flags");
    if ((flags & kExtra) != 0) {
      TRY_ASSIGN(uint16_t left, NextShort(header));
      for (; left > 0; --left) TRY(NextByte(header));
    }
    for (uint8_t text : {kFileName, kComment}) {
      uint8_t byte = (flags & text) != 0 ? 1 : 0;
      while (byte != 0) {
        TRY_ASSIGN(byte, NextByte(header));
      }
    }
    if ((flags & kHeaderCrc) != 0) {
      uint32_t crc =
          crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(header.data()), header.size());
      TRY_ASSIGN(uint16_t stored, NextShort(header));
      if (stored != (crc & 0xffff)) return Error(Code::kDataLoss, "gzip: header checksum mismatch");
    }
    isal_inflate_reset(state_.get());
    state_->crc_flag = ISAL_GZIP_NO_HDR_VER;
    in_member_ = true;
    return Ok();
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
  bool in_member_ = false;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<DecompressSource> MakeGzipSource(InputBuffer input,
                                                 const DecompressLimits& limits) {
  return std::make_unique<GzipSource>(std::move(input), limits);
}

}  // namespace onggi
