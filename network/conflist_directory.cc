#include "network/conflist_directory.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/file_io.h"

namespace onggi {
namespace {

constexpr size_t kMaxFile = 1 << 20;
constexpr size_t kMaxFiles = 1000;

}  // namespace

ConflistDirectory::Signature ConflistDirectory::Look() const {
  Signature files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    std::string extension = entry.path().extension().string();
    if (extension != ".conflist" && extension != ".conf" && extension != ".json") continue;
    struct stat status {};
    if (stat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.emplace_back(entry.path().string(), status.st_ino,
                       status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                       status.st_size);
    if (files.size() == kMaxFiles) break;
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::shared_ptr<const Conflists> ConflistDirectory::Read(const Signature& files) const {
  auto lists = std::make_shared<Conflists>();
  for (const auto& file : files) {
    const std::string& path = std::get<0>(file);
    auto text = ReadFile(path, kMaxFile);
    auto list =
        text.has_value() ? ParseConflist(*text, path) : Result<Conflist>(std::move(text).error());
    if (list.has_value()) {
      lists->valid.push_back(std::move(list).value());
    } else {
      lists->problems.push_back(list.error().message());
    }
  }
  return lists;
}

std::shared_ptr<const Conflists> ConflistDirectory::Get() {
  Signature now = Look();
  MutexLock lock(mutex_);
  if (!lists_ || now != signature_) {
    lists_ = Read(now);
    signature_ = std::move(now);
  }
  return lists_;
}

void ConflistDirectory::Reload() {
  Signature now = Look();
  MutexLock lock(mutex_);
  lists_ = Read(now);
  signature_ = std::move(now);
}

}  // namespace onggi
