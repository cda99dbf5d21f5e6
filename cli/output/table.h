// Table: columns aligned with two blanks between, headings in capitals, no trailing blanks.
//
// Thread-safety: none.
#pragma once

#include <string>
#include <vector>

namespace onggi::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  // As many cells as there are headings.
  void Add(std::vector<std::string> cells);
  std::string Render() const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace onggi::cli
