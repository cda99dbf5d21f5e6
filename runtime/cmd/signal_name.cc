#include "runtime/cmd/signal_name.h"

#include <signal.h>

#include <string_view>

#include "base/strings.h"

namespace onggi {
namespace {

struct Row {
  std::string_view name;
  int number;
};
constexpr Row kRows[] = {
    {"hup", SIGHUP},       {"int", SIGINT},     {"quit", SIGQUIT}, {"ill", SIGILL},
    {"trap", SIGTRAP},     {"abrt", SIGABRT},   {"iot", SIGIOT},   {"bus", SIGBUS},
    {"fpe", SIGFPE},       {"kill", SIGKILL},   {"usr1", SIGUSR1}, {"segv", SIGSEGV},
    {"usr2", SIGUSR2},     {"pipe", SIGPIPE},   {"alrm", SIGALRM}, {"term", SIGTERM},
    {"stkflt", SIGSTKFLT}, {"chld", SIGCHLD},   {"cld", SIGCHLD},  {"cont", SIGCONT},
    {"stop", SIGSTOP},     {"tstp", SIGTSTP},   {"ttin", SIGTTIN}, {"ttou", SIGTTOU},
    {"urg", SIGURG},       {"xcpu", SIGXCPU},   {"xfsz", SIGXFSZ}, {"vtalrm", SIGVTALRM},
    {"prof", SIGPROF},     {"winch", SIGWINCH}, {"io", SIGIO},     {"poll", SIGPOLL},
    {"pwr", SIGPWR},       {"sys", SIGSYS}};

// The kernel's; libc keeps two of them to itself.
constexpr int kRtMin = 34;
constexpr int kRtMax = 64;

int RealTime(const std::string& name) {
  const bool from_max = name.compare(0, 5, "rtmax") == 0;
  if (!from_max && name.compare(0, 5, "rtmin") != 0) return 0;
  const int base = from_max ? kRtMax : kRtMin;
  if (name.size() == 5) return base;
  const auto offset = ParseUint(std::string_view(name).substr(6));
  if (!offset || *offset > kRtMax - kRtMin || name[5] != (from_max ? '-' : '+')) return 0;
  return from_max ? base - static_cast<int>(*offset) : base + static_cast<int>(*offset);
}

}  // namespace

Result<int> ParseSignal(const std::string& text) {
  if (const auto number = ParseUint(text); number && *number > 0 && *number <= kRtMax) {
    return static_cast<int>(*number);
  }
  std::string name = ToLower(text);
  if (name.compare(0, 3, "sig") == 0) name.erase(0, 3);
  for (const Row& row : kRows) {
    if (row.name == name) return row.number;
  }
  if (const int number = RealTime(name); number != 0) return number;
  return InvalidArgument("signal " + Quote(text) + " is not known");
}

}  // namespace onggi
