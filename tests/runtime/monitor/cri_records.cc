#include "tests/runtime/monitor/cri_records.h"

namespace onggi::testing {
namespace {

bool MatchesTime(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd.dddddddddZ";
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<CriRecord>> ParseCriLog(std::string_view text) {
  std::vector<CriRecord> out;
  while (!text.empty()) {
    size_t end = text.find('\n');
    if (end == std::string_view::npos) return InvalidArgument("the last record has no newline");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    std::string at = "record " + std::to_string(out.size()) + ": ";
    if (line.size() < 40 || line[30] != ' ' || line[37] != ' ' || line[39] != ' ') {
      return InvalidArgument(
          at + "blanks are not where they should be: " + std::string(line.substr(0, 60)));
    }
    CriRecord record{.time = std::string(line.substr(0, 30)),
                     .stream = std::string(line.substr(31, 6)),
                     .partial = line[38] == 'P',
                     .content = std::string(line.substr(40))};
    if (!MatchesTime(record.time)) return InvalidArgument(at + "time " + record.time);
    if (record.stream != "stdout" && record.stream != "stderr") {
      return InvalidArgument(at + "stream " + record.stream);
    }
    if (line[38] != 'P' && line[38] != 'F') return InvalidArgument(at + "tag " + line[38]);
    out.push_back(std::move(record));
  }
  return out;
}

std::string JoinStream(const std::vector<CriRecord>& records, std::string_view stream) {
  std::string out;
  for (const CriRecord& record : records) {
    if (record.stream != stream) continue;
    out += record.content;
    if (!record.partial) out += '\n';
  }
  return out;
}

}  // namespace onggi::testing
