// DirectoryReader: the names in one directory, one after the other, without "." and "..".
//
// Thread-safety: none. Ownership: takes the fd.
#pragma once

#include <dirent.h>

#include <memory>

#include "base/unique_fd.h"

namespace onggi {

class DirectoryReader {
 public:
  // FD must have been opened for reading (no O_PATH).
  static Result<DirectoryReader> Open(UniqueFd fd) {
    DIR* stream = fdopendir(fd.get());
    if (stream == nullptr) return SysError("fdopendir");
    (void)fd.Release();  // the stream owns it now
    return DirectoryReader(stream);
  }

  int fd() const { return dirfd(stream_.get()); }
  // The next name, valid until the next call; null at the end.
  Result<const char*> Next() {
    while (true) {
      errno = 0;
      dirent* entry = readdir(stream_.get());
      if (entry == nullptr && errno != 0) return SysError("readdir");
      if (entry == nullptr) return static_cast<const char*>(nullptr);
      const char* name = entry->d_name;
      if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
      return name;
    }
  }

 private:
  struct Close {
    void operator()(DIR* stream) const { (void)closedir(stream); }  // read-only: nothing to lose
  };
  explicit DirectoryReader(DIR* stream) : stream_(stream) {}
  std::unique_ptr<DIR, Close> stream_;
};

}  // namespace onggi
