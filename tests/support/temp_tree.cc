#include "tests/support/temp_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"

namespace onggi::testing {
namespace {

template <typename T>
T Must(Result<T> result) {
  if (!result.has_value()) (void)fprintf(stderr, "%s\n", result.error().message().c_str());
  return std::move(result).value();
}

}  // namespace

TempTree::TempTree() : dir_(Must(TempDir::Make())) {}
TempTree::TempTree(const std::string& parent) : dir_(Must(TempDir::Make(parent))) {}

std::string TempTree::operator/(std::string_view name) const {
  return dir_.path() + "/" + std::string(name);
}

std::string TempTree::Dir(std::string_view name, mode_t mode) {
  std::string path = *this / name;
  (void)Must(MakeDirs(path));
  CHECK(chmod(path.c_str(), mode) == 0);
  return path;
}

std::string TempTree::File(std::string_view name, std::string_view text, mode_t mode) {
  std::string path = *this / name;
  (void)Must(MakeDirs(path.substr(0, path.rfind('/'))));
  UniqueFd fd = Must(Open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  (void)Must(WriteAll(fd.get(), text));
  CHECK(fchmod(fd.get(), mode) == 0);
  return path;
}

std::string TempTree::Symlink(std::string_view name, const std::string& target) {
  std::string path = *this / name;
  (void)Must(MakeDirs(path.substr(0, path.rfind('/'))));
  CHECK(symlink(target.c_str(), path.c_str()) == 0);
  return path;
}

std::string TempTree::Read(std::string_view name) const {
  return ReadFile(*this / name).value_or("");
}

bool TempTree::Exists(std::string_view name) const {
  struct stat st {};
  return lstat((*this / name).c_str(), &st) == 0;
}

}  // namespace onggi::testing
