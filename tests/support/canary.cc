#include "tests/support/canary.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>
#include <vector>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi::testing {
namespace {

std::string ReadLink(const std::string& path) {
  char target[4096];
  ssize_t n = readlink(path.c_str(), target, sizeof target);
  return n < 0 ? "unreadable" : std::string(target, static_cast<size_t>(n));
}

// "name=value" of each attribute, sorted.
std::string Xattrs(const std::string& path) {
  char names[65536];
  ssize_t size = llistxattr(path.c_str(), names, sizeof names);
  std::set<std::string> lines;
  for (ssize_t at = 0; at < size;) {
    std::string name = names + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    char value[65536];
    ssize_t n = lgetxattr(path.c_str(), name.c_str(), value, sizeof value);
    lines.insert(name + "=" + Quote({value, static_cast<size_t>(std::max<ssize_t>(n, 0))}));
  }
  std::string out;
  for (const std::string& line : lines) out += " " + line;
  return out;
}

// Large contents as a hash, so that a difference stays one line.
std::string Contents(const std::string& path) {
  auto text = ReadFile(path, 1 << 30);
  if (!text.has_value()) return "unreadable";
  if (text->size() <= 80) return Quote(*text);
  return "#" + std::to_string(std::hash<std::string>()(*text));
}

std::string Facts(const std::string& path, const struct stat& st, bool with_times) {
  std::ostringstream out;
  out << std::oct << st.st_mode << std::dec << " " << st.st_uid << ":" << st.st_gid;
  if (S_ISREG(st.st_mode))
    out << " links " << st.st_nlink << " " << st.st_size << " bytes " << Contents(path);
  if (S_ISLNK(st.st_mode)) out << " -> " << Quote(ReadLink(path));
  if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
    out << " device " << major(st.st_rdev) << ":" << minor(st.st_rdev);
  }
  out << Xattrs(path);
  if (with_times) out << " mtime " << st.st_mtim.tv_sec << "." << st.st_mtim.tv_nsec;
  return out.str();
}

void Describe(const std::string& root, const std::string& name, bool with_times,
              std::map<std::string, std::string>& out) {
  std::string path = name == "." ? root : root + "/" + name;
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0) {
    out[name] = "unreadable";
    return;
  }
  out[name] = Facts(path, st, with_times);
  if (!S_ISDIR(st.st_mode)) return;
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return;
  std::vector<std::string> children;
  while (dirent* entry = readdir(dir)) {
    std::string child = entry->d_name;
    if (child != "." && child != "..") children.push_back(child);
  }
  (void)closedir(dir);  // read-only: nothing to lose
  for (const std::string& child : children) {
    Describe(root, name == "." ? child : name + "/" + child, with_times, out);
  }
}

}  // namespace

std::map<std::string, std::string> DescribeTree(const std::string& root, bool with_times) {
  std::map<std::string, std::string> out;
  Describe(root, ".", with_times, out);
  return out;
}

std::string DifferenceOfTrees(const std::map<std::string, std::string>& expected,
                              const std::map<std::string, std::string>& found) {
  std::string out;
  for (const auto& [name, facts] : expected) {
    auto other = found.find(name);
    if (other == found.end()) {
      out += name + ": missing, expected " + facts + "\n";
    } else if (other->second != facts) {
      out += name + ": expected " + facts + ", found " + other->second + "\n";
    }
  }
  for (const auto& [name, facts] : found) {
    if (expected.count(name) == 0) out += name + ": not expected: " + facts + "\n";
  }
  return out;
}

}  // namespace onggi::testing
