// Canary: proves that a directory tree was not touched.
//
//   Canary canary(outside.path());
//   ... feed hostile input to something that must stay elsewhere ...
//   EXPECT_EQ(canary.Changes(), "");
//
// Looks at names, types, modes, owners, sizes, link targets, link counts, device numbers, extended
// attributes, contents, and modification times.
#pragma once

#include <map>
#include <string>

namespace onggi::testing {

// One line of facts per path below ROOT ("." for itself), sorted by path. Times only when asked.
std::map<std::string, std::string> DescribeTree(const std::string& root, bool with_times = false);

// "" when both are equal, else one line for each path that differs.
std::string DifferenceOfTrees(const std::map<std::string, std::string>& expected,
                              const std::map<std::string, std::string>& found);

class Canary {
 public:
  explicit Canary(std::string root) : root_(std::move(root)), before_(DescribeTree(root_, true)) {}
  std::string Changes() const { return DifferenceOfTrees(before_, DescribeTree(root_, true)); }

 private:
  std::string root_;
  std::map<std::string, std::string> before_;
};

}  // namespace onggi::testing
