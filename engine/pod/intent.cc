#include "engine/pod/intent.h"

#include <fcntl.h>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {

Result<> WriteIntent(const std::string& path, const Intent& intent) {
  TRY_ASSIGN(UniqueFd fd, Open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return WriteAll(fd.get(), intent.pod_id + "\n" + intent.cgroup_path + "\n").Wrap(path);
}

Result<Intent> ReadIntent(const std::string& path) {
  auto text = ReadFile(path, 1 << 16);
  if (!text) return NotFound(path + ": " + text.error().message());
  std::vector<std::string_view> lines = Split(*text, '\n');
  // The last newline proves that all of it was written.
  if (lines.size() != 3) return Error(Code::kDataLoss, path + " is cut off");
  return Intent{std::string(lines[0]), std::string(lines[1])};
}

}  // namespace onggi
