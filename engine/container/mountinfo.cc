#include "engine/container/mountinfo.h"

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

// Blanks and backslashes of paths are written as \ooo.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      out += static_cast<char>(value);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::vector<MountInfo> ParseMountInfo(std::string_view text) {
  std::vector<MountInfo> table;
  for (std::string_view line : Split(text, '\n')) {
    std::vector<std::string_view> fields = Split(line, ' ');
    if (fields.size() < 7) continue;
    MountInfo mount;
    mount.mountpoint = Unescape(fields[4]);
    for (size_t i = 6; i < fields.size() && fields[i] != "-"; ++i) {
      if (fields[i].rfind("shared:", 0) == 0) mount.shared = true;
      if (fields[i].rfind("master:", 0) == 0) mount.slave = true;
    }
    table.push_back(std::move(mount));
  }
  return table;
}

Result<std::vector<MountInfo>> ReadMountInfo() {
  TRY_ASSIGN(std::string text, ReadFile("/proc/self/mountinfo", 64 << 20));
  return ParseMountInfo(text);
}

const MountInfo* MountOf(const std::vector<MountInfo>& table, const std::string& path) {
  const MountInfo* best = nullptr;
  for (const MountInfo& mount : table) {
    const std::string& at = mount.mountpoint;
    bool holds =
        at == "/" || path == at ||
        (path.size() > at.size() && path.compare(0, at.size(), at) == 0 && path[at.size()] == '/');
    if (holds && (best == nullptr || at.size() >= best->mountpoint.size())) best = &mount;
  }
  return best;
}

}  // namespace onggi
