#include "runtime/cmd/arguments.h"

namespace onggi {
namespace {

const Flag* FindFlag(std::span<const Flag> flags, std::string_view name) {
  for (const Flag& flag : flags) {
    if (flag.name == name || (name.size() == 1 && flag.letter == name[0])) return &flag;
  }
  return nullptr;
}

}  // namespace

Result<Arguments> Arguments::Parse(std::span<const Flag> flags, std::span<const std::string> words,
                                   bool stop_at_word) {
  Arguments out;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool is_word = word.size() < 2 || word[0] != '-';
    if (word == "--" || (is_word && stop_at_word)) {
      out.words_.insert(out.words_.end(), words.begin() + static_cast<long>(i) + (is_word ? 0 : 1),
                        words.end());
      break;
    }
    if (is_word) {
      out.words_.push_back(word);
      continue;
    }
    std::string_view name = std::string_view(word).substr(word[1] == '-' ? 2 : 1);
    const size_t equals = name.find('=');
    const bool inline_value = equals != std::string_view::npos;
    const std::string value(inline_value ? name.substr(equals + 1) : std::string_view());
    name = name.substr(0, equals);
    const Flag* flag = FindFlag(flags, name);
    if (flag == nullptr) return InvalidArgument("flag --" + std::string(name) + " is not known");
    auto& list = out.values_[std::string(flag->name)];
    if (!flag->takes_value) {
      if (value == "false") {
        out.values_.erase(std::string(flag->name));
      } else {
        list.emplace_back("true");
      }
    } else if (inline_value) {
      list.push_back(value);
    } else if (i + 1 < words.size()) {
      list.push_back(words[++i]);
    } else {
      return InvalidArgument("flag --" + std::string(name) + " needs a value");
    }
  }
  return out;
}

bool Arguments::Has(std::string_view name) const {
  return values_.find(name) != values_.end();
}

std::string Arguments::Get(std::string_view name, std::string fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::move(fallback) : found->second.back();
}

std::vector<std::string> Arguments::All(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<std::string> Arguments::Word(size_t i, std::string_view what) const {
  if (i < words_.size() && !words_[i].empty()) return words_[i];
  return InvalidArgument(std::string(what) + " is missing");
}

}  // namespace onggi
