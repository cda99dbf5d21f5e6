#include "runtime/monitor/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"

namespace onggi {

Result<StateDirectory> StateDirectory::Open(const std::string& path) {
  TRY_ASSIGN(UniqueFd fd, onggi::Open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return StateDirectory(std::move(fd));
}

Result<> StateDirectory::Write(const std::string& name, std::string_view content) {
  std::string temporary = "." + name + ".new";
  TRY_ASSIGN(UniqueFd fd,
             OpenAt(fd_.get(), temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
  auto written = WriteAll(fd.get(), content);
  if (written && renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) != 0) {
    written = SysError("rename");
  }
  if (!written) (void)unlinkat(fd_.get(), temporary.c_str(), 0);  // the first error is told
  return std::move(written).Wrap(name);
}

void StateDirectory::Remove(const std::string& name) {
  (void)unlinkat(fd_.get(), name.c_str(), 0);  // absent, or its directory is: both are fine
}

bool StateDirectory::Exists() const {
  struct stat st {};
  return fstat(fd_.get(), &st) == 0 && st.st_nlink > 0;
}

}  // namespace onggi
