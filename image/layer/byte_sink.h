// ByteSink: where bytes are pushed. Finish() once, after the last Write().
//
// Thread-safety: one thread at a time. After an error the sink is unusable.
#pragma once

#include <memory>
#include <string_view>

#include "base/file_io.h"
#include "base/result.h"
#include "image/layer/decompress.h"

namespace onggi {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<> Write(std::string_view bytes) = 0;
  virtual Result<> Finish() { return Ok(); }
};

// To an fd that is borrowed.
class FdSink : public ByteSink {
 public:
  explicit FdSink(int fd) : fd_(fd) {}
  Result<> Write(std::string_view bytes) override { return WriteAll(fd_, bytes); }

 private:
  int fd_;
};

// Compresses into NEXT, which must outlive it. The same bytes give the same bytes: no time and no
// name in headers. (ISA-L may choose other matches on a CPU with other vector instructions: equal
// input gives equal output on one kind of machine.) Finish() finishes NEXT too.
std::unique_ptr<ByteSink> MakeCompressor(Compression compression, ByteSink& next);

}  // namespace onggi
