#include "image/content/blob_ingest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/file_io.h"
#include "image/content/content_store.h"

namespace onggi {
namespace {

constexpr size_t kReadBlock = 256 << 10;

}  // namespace

BlobIngest::BlobIngest(ContentStore& store, std::string name, UniqueFd fd)
    : store_(store), name_(std::move(name)), fd_(std::move(fd)) {}

BlobIngest::~BlobIngest() {
  if (fd_.valid() && !keep_) Discard();
  if (!name_.empty()) store_.Release(name_);
}

// The state of a hash does not survive a restart, so what an earlier process left is read again;
// that costs a read of what the network would otherwise have to bring.
Result<> BlobIngest::Rehash() {
  struct stat info;
  if (fstat(fd_.get(), &info) < 0) return SysError("fstat");
  auto held = static_cast<uint64_t>(info.st_size);
  if (expected_size_ && held > *expected_size_) return Restart();
  std::string buffer(kReadBlock, '\0');
  while (offset_ < held) {
    ssize_t got = pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset_));
    if (got < 0) return SysError("pread");
    if (got == 0) break;
    hash_.Update({buffer.data(), static_cast<size_t>(got)});
    offset_ += static_cast<uint64_t>(got);
  }
  return Ok();
}

Result<> BlobIngest::Write(std::string_view bytes) {
  if (!fd_.valid()) return FailedPrecondition("blob ingest failed before");
  if (expected_size_ && bytes.size() > *expected_size_ - offset_) {
    Discard();
    return Error(Code::kDataLoss, "blob " + expected_.text() + ": expected " +
                                      std::to_string(*expected_size_) +
                                      " bytes, got more than that");
  }
  std::string_view rest = bytes;
  while (!rest.empty()) {
    off_t at = static_cast<off_t>(offset_ + (bytes.size() - rest.size()));
    ssize_t put = pwrite(fd_.get(), rest.data(), rest.size(), at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      Error error = SysError("write blob");
      // A full disk is left as it was found; any other error may keep what was good so far.
      if (error.code() == Code::kResourceExhausted) Discard();
      return error;
    }
    rest.remove_prefix(static_cast<size_t>(put));
  }
  hash_.Update(bytes);
  offset_ += bytes.size();
  return Ok();
}

Result<size_t> BlobIngest::ReadBack(uint64_t position, std::span<char> buffer) const {
  if (position >= offset_) return size_t{0};
  size_t size = std::min<uint64_t>(buffer.size(), offset_ - position);
  ssize_t got = pread(fd_.get(), buffer.data(), size, static_cast<off_t>(position));
  if (got < 0) return SysError("pread");
  if (got == 0) return Error(Code::kDataLoss, "partial blob shrank while it was read");
  return static_cast<size_t>(got);
}

Result<> BlobIngest::Restart() {
  if (ftruncate(fd_.get(), 0) < 0) return SysError("ftruncate");
  hash_ = Sha256();
  offset_ = 0;
  return Ok();
}

Result<BlobInfo> BlobIngest::Commit(const Digest& promised) {
  if (!fd_.valid()) return FailedPrecondition("blob ingest failed before");
  if (expected_size_ && offset_ < *expected_size_) {
    // A true beginning is worth keeping: the destructor does.
    return Error(Code::kDataLoss, "blob " + expected_.text() + ": expected " +
                                      std::to_string(*expected_size_) + " bytes, got " +
                                      std::to_string(offset_));
  }
  Digest got = hash_.Finish();
  for (const Digest* wanted : std::array<const Digest*, 2>{&expected_, &promised}) {
    if (wanted->empty() || got == *wanted) continue;
    Discard();
    return Error(Code::kDataLoss, "blob: expected " + wanted->text() + ", got " + got.text());
  }
  // A write error that the kernel still holds back would show here.
  Result<> closed = fd_.Close();
  if (!closed) {
    (void)unlinkat(store_.ingest_.get(), name_.c_str(), 0);  // the close error is the one to tell
    return std::move(closed).error();
  }
  TRY(store_.Publish(name_, BlobInfo{got, offset_, 0}));
  return store_.Stat(got);
}

void BlobIngest::Discard() {
  if (!fd_.valid()) return;
  // Truncation first: the space comes back even if somebody else holds the file open. Both are best
  // effort: Sweep() finds what stays.
  if (ftruncate(fd_.get(), 0) < 0) errno = 0;
  (void)unlinkat(store_.ingest_.get(), name_.c_str(), 0);
  fd_.reset();
}

Result<size_t> TeeSource::Read(std::span<char> buffer) {
  if (position_ < held_) {
    size_t size = std::min<uint64_t>(buffer.size(), held_ - position_);
    TRY_ASSIGN(size_t got, ingest_.ReadBack(position_, buffer.first(size)));
    position_ += got;
    return got;
  }
  TRY_ASSIGN(size_t got, upstream_.Read(buffer));
  if (got > 0) TRY(ingest_.Write({buffer.data(), got}));
  return got;
}

}  // namespace onggi
