#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <ctime>

namespace onggi {
namespace {

std::atomic<LogLevel> g_level{
    LogLevel::kInfo};  // the one global: logging must work before main wires up

constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};

// logfmt: bare when it is one plain word, quoted and escaped when not.
void AppendValue(std::string& line, std::string_view value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  bool plain = !value.empty();
  for (unsigned char c : value) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) plain = false;
  }
  if (plain) {
    line += value;
    return;
  }
  line += '"';
  for (unsigned char c : value) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += static_cast<char>(c);
    } else if (c == '\n') {
      line += "\\n";
    } else if (c < 0x20 || c == 0x7f) {
      line += "\\x";
      line += kDigits[c >> 4];
      line += kDigits[c & 15];
    } else {
      line += static_cast<char>(c);
    }
  }
  line += '"';
}

}  // namespace

void SetLogLevel(LogLevel level) {
  g_level.store(level, std::memory_order_relaxed);
}

bool LogEnabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void WriteLog(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  timespec now{};
  (void)clock_gettime(CLOCK_REALTIME, &now);  // cannot fail for this clock
  tm parts{};
  (void)gmtime_r(&now.tv_sec, &parts);  // only years beyond int fail
  char stamp[40];
  size_t length = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
  (void)snprintf(stamp + length, sizeof stamp - length, ".%03ldZ", now.tv_nsec / 1'000'000);
  std::string line = "time=";
  line += stamp;
  line += " level=";
  line += kNames[static_cast<size_t>(level)];
  line += " msg=";
  AppendValue(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    AppendValue(line, field.value);
  }
  line += '\n';
  // A log line that can't be written has nowhere else to go.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace onggi
