// Command-line arguments: flags by table, with one or two dashes, "--flag value" and
// "--flag=value".
//
// Thread-safety: a value. InvalidArgument names the flag.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi {

struct Flag {
  std::string_view name;
  char letter = 0;  // short form
  bool takes_value = false;
};

class Arguments {
 public:
  // With STOP_AT_WORD flags end at the first word that is none (exec, and the global flags);
  // otherwise they may stand anywhere before "--".
  static Result<Arguments> Parse(std::span<const Flag> flags, std::span<const std::string> words,
                                 bool stop_at_word);

  bool Has(std::string_view name) const;
  std::string Get(std::string_view name, std::string fallback = "") const;  // the last one
  std::vector<std::string> All(std::string_view name) const;
  const std::vector<std::string>& words() const { return words_; }
  // Word I, or InvalidArgument saying that WHAT is missing.
  Result<std::string> Word(size_t i, std::string_view what) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

}  // namespace onggi
