// LOG(level, "what happened", {"key", value}, ...): one logfmt line to stderr, written with one
// write(2).
//
//   LOG(kInfo, "container started", {"id", id}, {"ms", 12});
//   -> time=2026-01-02T03:04:05.678Z level=info msg="container started" id=3f2a ms=12
//
// Only edges log: the RPC wrapper, background loops, main. Libraries return Errors. Values are
// escaped, so that text from an image or a pod can't forge a line. Secrets have a type that does
// not convert here.
//
// Thread-safety: any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace onggi {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(text) {}
  LogField(std::string_view name, const std::string& text) : key(name), value(text) {}
  template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>>
  LogField(std::string_view name, T number) : key(name), value(std::to_string(number)) {}

  std::string_view key;
  std::string value;
};

// Lines below LEVEL are dropped. Default: kInfo.
void SetLogLevel(LogLevel level);
bool LogEnabled(LogLevel level);
void WriteLog(LogLevel level, std::string_view message, std::initializer_list<LogField> fields);

#define LOG(level, message, ...)                                           \
  do {                                                                     \
    if (::onggi::LogEnabled(::onggi::LogLevel::level)) {                   \
      ::onggi::WriteLog(::onggi::LogLevel::level, message, {__VA_ARGS__}); \
    }                                                                      \
  } while (0)

}  // namespace onggi
