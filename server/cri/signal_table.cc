#include <csignal>

#include "server/cri/signal.h"

namespace onggi {
namespace {

// The kernel's range: glibc's SIGRTMIN leaves out what its threads use, but a container may be
// built with another libc, and stop signals are named by what images' people see (SIGRTMIN = 34).
constexpr int kRtMin = 34;
constexpr int kRtMax = 64;

// Where two names are one signal, the first is answered back.
constexpr struct {
  ::runtime::v1::Signal cri;
  int linux_number;
} kSignals[] = {
    {::runtime::v1::SIGNAL_SIGABRT, SIGABRT},
    {::runtime::v1::SIGNAL_SIGALRM, SIGALRM},
    {::runtime::v1::SIGNAL_SIGBUS, SIGBUS},
    {::runtime::v1::SIGNAL_SIGCHLD, SIGCHLD},
    {::runtime::v1::SIGNAL_SIGCLD, SIGCLD},
    {::runtime::v1::SIGNAL_SIGCONT, SIGCONT},
    {::runtime::v1::SIGNAL_SIGFPE, SIGFPE},
    {::runtime::v1::SIGNAL_SIGHUP, SIGHUP},
    {::runtime::v1::SIGNAL_SIGILL, SIGILL},
    {::runtime::v1::SIGNAL_SIGINT, SIGINT},
    {::runtime::v1::SIGNAL_SIGIO, SIGIO},
    {::runtime::v1::SIGNAL_SIGIOT, SIGIOT},
    {::runtime::v1::SIGNAL_SIGKILL, SIGKILL},
    {::runtime::v1::SIGNAL_SIGPIPE, SIGPIPE},
    {::runtime::v1::SIGNAL_SIGPOLL, SIGPOLL},
    {::runtime::v1::SIGNAL_SIGPROF, SIGPROF},
    {::runtime::v1::SIGNAL_SIGPWR, SIGPWR},
    {::runtime::v1::SIGNAL_SIGQUIT, SIGQUIT},
    {::runtime::v1::SIGNAL_SIGSEGV, SIGSEGV},
    {::runtime::v1::SIGNAL_SIGSTKFLT, SIGSTKFLT},
    {::runtime::v1::SIGNAL_SIGSTOP, SIGSTOP},
    {::runtime::v1::SIGNAL_SIGSYS, SIGSYS},
    {::runtime::v1::SIGNAL_SIGTERM, SIGTERM},
    {::runtime::v1::SIGNAL_SIGTRAP, SIGTRAP},
    {::runtime::v1::SIGNAL_SIGTSTP, SIGTSTP},
    {::runtime::v1::SIGNAL_SIGTTIN, SIGTTIN},
    {::runtime::v1::SIGNAL_SIGTTOU, SIGTTOU},
    {::runtime::v1::SIGNAL_SIGURG, SIGURG},
    {::runtime::v1::SIGNAL_SIGUSR1, SIGUSR1},
    {::runtime::v1::SIGNAL_SIGUSR2, SIGUSR2},
    {::runtime::v1::SIGNAL_SIGVTALRM, SIGVTALRM},
    {::runtime::v1::SIGNAL_SIGWINCH, SIGWINCH},
    {::runtime::v1::SIGNAL_SIGXCPU, SIGXCPU},
    {::runtime::v1::SIGNAL_SIGXFSZ, SIGXFSZ},
    {::runtime::v1::SIGNAL_SIGRTMIN, kRtMin},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS1, kRtMin + 1},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS2, kRtMin + 2},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS3, kRtMin + 3},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS4, kRtMin + 4},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS5, kRtMin + 5},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS6, kRtMin + 6},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS7, kRtMin + 7},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS8, kRtMin + 8},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS9, kRtMin + 9},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS10, kRtMin + 10},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS11, kRtMin + 11},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS12, kRtMin + 12},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS13, kRtMin + 13},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS14, kRtMin + 14},
    {::runtime::v1::SIGNAL_SIGRTMINPLUS15, kRtMin + 15},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS14, kRtMax - 14},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS13, kRtMax - 13},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS12, kRtMax - 12},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS11, kRtMax - 11},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS10, kRtMax - 10},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS9, kRtMax - 9},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS8, kRtMax - 8},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS7, kRtMax - 7},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS6, kRtMax - 6},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS5, kRtMax - 5},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS4, kRtMax - 4},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS3, kRtMax - 3},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS2, kRtMax - 2},
    {::runtime::v1::SIGNAL_SIGRTMAXMINUS1, kRtMax - 1},
    {::runtime::v1::SIGNAL_SIGRTMAX, kRtMax},
};

}  // namespace

Result<int> SignalFromCri(::runtime::v1::Signal signal) {
  if (signal == ::runtime::v1::SIGNAL_RUNTIME_DEFAULT) return 0;
  for (const auto& row : kSignals) {
    if (row.cri == signal) return row.linux_number;
  }
  return InvalidArgument("stop_signal: unknown number " + std::to_string(signal));
}

::runtime::v1::Signal SignalToCri(int signal) {
  for (const auto& row : kSignals) {
    if (row.linux_number == signal) return row.cri;
  }
  return ::runtime::v1::SIGNAL_RUNTIME_DEFAULT;
}

}  // namespace onggi
