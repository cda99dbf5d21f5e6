#include "image/content/content_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <functional>

#include "base/file_io.h"
#include "base/id.h"

namespace onggi {
namespace {

constexpr size_t kReadBlock = 256 << 10;

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Every regular file of the directory, with its stat.
Result<> ForEachFile(int dir_fd,
                     const std::function<void(const std::string&, const struct stat&)>& visit) {
  // A descriptor of its own: readdir's position belongs to the open file.
  TRY_ASSIGN(UniqueFd own, OpenAt(dir_fd, ".", O_RDONLY | O_DIRECTORY));
  DIR* dir = fdopendir(own.get());
  if (dir == nullptr) return SysError("fdopendir");
  (void)own.Release();  // closedir closes it
  while (const dirent* entry = readdir(dir)) {
    struct stat info;
    if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0) continue;
    if (S_ISREG(info.st_mode)) visit(entry->d_name, info);
  }
  closedir(dir);
  return Ok();
}

std::string PartialName(const Digest& digest) {
  return std::string(digest.hex()) + ".partial";
}

std::string BlobName(const Digest& digest) {
  CHECK(digest.algorithm() == "sha256");
  return std::string(digest.hex());
}

Error Missing(const Digest& digest) {
  return NotFound("blob " + digest.text() + " is not in the content store");
}

}  // namespace

Result<std::unique_ptr<ContentStore>> ContentStore::Open(const std::string& directory) {
  std::unique_ptr<ContentStore> store(new ContentStore(directory));
  TRY(MakeDirs(directory, 0700));
  TRY(MakeDirs(directory + "/blobs/sha256", 0700));
  TRY(MakeDirs(directory + "/ingest", 0700));
  TRY_ASSIGN(store->blobs_, onggi::Open(directory + "/blobs/sha256", O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(store->ingest_, onggi::Open(directory + "/ingest", O_RDONLY | O_DIRECTORY));
  TRY(store->Scan());
  return store;
}

Result<> ContentStore::Scan() {
  TRY(ForEachFile(ingest_.get(), [&](const std::string& name, const struct stat&) {
    // Without its digest nobody can go on with it.
    if (name.ends_with(".tmp")) (void)unlinkat(ingest_.get(), name.c_str(), 0);
  }));
  return ForEachFile(blobs_.get(), [&](const std::string&, const struct stat& info) {
    bytes_ += static_cast<uint64_t>(info.st_size);
    count_ += 1;
  });
}

Result<std::unique_ptr<BlobIngest>> ContentStore::Begin(const Digest& digest,
                                                        std::optional<uint64_t> size) {
  std::string name = PartialName(digest);
  {
    MutexLock lock(mutex_);
    if (!active_.insert(name).second) {
      return Error(Code::kAborted, "blob " + digest.text() + " is being received already");
    }
  }
  // Asked after the name is taken: another ingest may have published in between.
  if (Has(digest)) {
    Release(name);
    return AlreadyExists("blob " + digest.text() + " is in the content store");
  }
  Result<UniqueFd> fd = OpenAt(ingest_.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (!fd) {
    Release(name);
    return std::move(fd).error();
  }
  std::unique_ptr<BlobIngest> ingest(new BlobIngest(*this, name, std::move(fd).value()));
  ingest->expected_ = digest;
  ingest->expected_size_ = size;
  ingest->keep_ = true;
  TRY(ingest->Rehash());
  return ingest;
}

Result<std::unique_ptr<BlobIngest>> ContentStore::BeginUnnamed() {
  std::string name = RandomHex(16) + ".tmp";
  TRY_ASSIGN(UniqueFd fd, OpenAt(ingest_.get(), name, O_RDWR | O_CREAT | O_EXCL, 0600));
  {
    MutexLock lock(mutex_);
    active_.insert(name);
  }
  return std::unique_ptr<BlobIngest>(new BlobIngest(*this, name, std::move(fd)));
}

Result<BlobInfo> ContentStore::Put(std::string_view bytes) {
  Digest digest = Digest::Of(bytes);
  if (Has(digest)) return Stat(digest);
  TRY_ASSIGN(std::unique_ptr<BlobIngest> ingest, BeginUnnamed());
  TRY(ingest->Write(bytes));
  return ingest->Commit();
}

Result<> ContentStore::Publish(const std::string& name, const BlobInfo& blob) {
  std::string target = BlobName(blob.digest);
  // The mode first, so that nobody ever sees a writable blob.
  if (fchmodat(ingest_.get(), name.c_str(), 0444, 0) < 0) return SysError("chmod blob");
  if (renameat2(ingest_.get(), name.c_str(), blobs_.get(), target.c_str(), RENAME_NOREPLACE) < 0) {
    int error = errno;
    (void)unlinkat(ingest_.get(), name.c_str(), 0);  // the rename error is the one to tell
    if (error != EEXIST) return SysError("rename blob", error);
    return Ok();  // the same bytes came by another way
  }
  bytes_ += blob.size;
  count_ += 1;
  return Ok();
}

void ContentStore::Release(const std::string& name) {
  MutexLock lock(mutex_);
  active_.erase(name);
}

bool ContentStore::Has(const Digest& digest) const {
  return faccessat(blobs_.get(), BlobName(digest).c_str(), F_OK, 0) == 0;
}

Result<BlobInfo> ContentStore::Stat(const Digest& digest) const {
  struct stat info;
  if (fstatat(blobs_.get(), BlobName(digest).c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return Missing(digest);
    return SysError("stat blob " + digest.text());
  }
  return BlobInfo{digest, static_cast<uint64_t>(info.st_size), Nanoseconds(info.st_mtim)};
}

Result<UniqueFd> ContentStore::Open(const Digest& digest) const {
  Result<UniqueFd> fd = OpenAt(blobs_.get(), BlobName(digest), O_RDONLY | O_NOFOLLOW);
  if (!fd && fd.error().sys_errno() == ENOENT) return Missing(digest);
  return fd;
}

Result<std::string> ContentStore::Read(const Digest& digest, size_t limit) const {
  TRY_ASSIGN(UniqueFd fd, Open(digest));
  FdSource source(fd.get());
  Result<std::string> bytes = ReadToEnd(source, limit);
  if (!bytes) return std::move(bytes).Wrap("blob " + digest.text());
  Digest got = Digest::Of(*bytes);
  if (got != digest) {
    return Error(Code::kDataLoss, "blob: expected " + digest.text() + ", got " + got.text());
  }
  return bytes;
}

Result<> ContentStore::Verify(const Digest& digest) const {
  TRY_ASSIGN(UniqueFd fd, Open(digest));
  FdSource source(fd.get());
  Sha256 hash;
  std::string buffer(kReadBlock, '\0');
  while (true) {
    TRY_ASSIGN(size_t got, source.Read(buffer));
    if (got == 0) break;
    hash.Update({buffer.data(), got});
  }
  Digest got = hash.Finish();
  if (got == digest) return Ok();
  return Error(Code::kDataLoss, "blob: expected " + digest.text() + ", got " + got.text());
}

Result<> ContentStore::Remove(const Digest& digest) {
  Result<BlobInfo> blob = Stat(digest);
  if (!blob) {
    if (blob.error().code() == Code::kNotFound) return Ok();
    return std::move(blob).error();
  }
  if (unlinkat(blobs_.get(), BlobName(digest).c_str(), 0) < 0) {
    if (errno == ENOENT) return Ok();
    return SysError("remove blob " + digest.text());
  }
  bytes_ -= blob->size;
  count_ -= 1;
  return Ok();
}

std::vector<BlobInfo> ContentStore::List() const {
  std::vector<BlobInfo> blobs;
  // An unreadable directory lists as empty here; every other call on it says why.
  (void)ForEachFile(blobs_.get(), [&](const std::string& name, const struct stat& info) {
    Result<Digest> digest = Digest::Parse("sha256:" + name);
    if (!digest) return;
    blobs.push_back({std::move(digest).value(), static_cast<uint64_t>(info.st_size),
                     Nanoseconds(info.st_mtim)});
  });
  return blobs;
}

ContentUsage ContentStore::Usage() const {
  return {bytes_.load(), count_.load()};
}

Result<uint64_t> ContentStore::Sweep(std::chrono::seconds age) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t freed = 0;
  TRY(ForEachFile(ingest_.get(), [&](const std::string& name, const struct stat& info) {
    if (now.tv_sec - info.st_mtim.tv_sec < age.count()) return;
    // Under the lock, so that an ingest that begins now waits and then finds no file.
    MutexLock lock(mutex_);
    if (active_.count(name) != 0) return;
    if (unlinkat(ingest_.get(), name.c_str(), 0) == 0) freed += static_cast<uint64_t>(info.st_size);
  }));
  return freed;
}

Result<> ContentStore::Sync() const {
  if (syncfs(blobs_.get()) < 0) return SysError("syncfs");
  return Ok();
}

}  // namespace onggi
