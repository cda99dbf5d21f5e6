// BlockSource: bytes that are lent, block by block, so that what parses them need not copy.
//
// Thread-safety: one thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "image/content/byte_source.h"

namespace onggi {

class BlockSource {
 public:
  virtual ~BlockSource() = default;
  // The next bytes, of any number; empty at the end. What was lent before is invalid then.
  virtual Result<std::string_view> Next() = 0;
};

// Blocks of a ByteSource, which must outlive it.
class BufferedBlocks : public BlockSource {
 public:
  explicit BufferedBlocks(ByteSource& source, size_t block_bytes = 128 << 10)
      : source_(source), buffer_(new char[block_bytes]), size_(block_bytes) {}
  Result<std::string_view> Next() override {
    TRY_ASSIGN(size_t got, ReadFull(source_, {buffer_.get(), size_}));
    return std::string_view(buffer_.get(), got);
  }

 private:
  ByteSource& source_;
  std::unique_ptr<char[]> buffer_;
  const size_t size_;
};

}  // namespace onggi
