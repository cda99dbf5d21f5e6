#include "server/notify.h"

#include <systemd/sd-daemon.h>

#include "base/clock.h"

namespace onggi {
namespace {

// systemd is not needed to run: what it misses, it misses.
void Tell(const std::string& text) {
  (void)sd_notify(0, text.c_str());
}

}  // namespace

void NotifyReady(const std::string& status) {
  Tell("READY=1\nSTATUS=" + status);
}

void NotifyReloading() {
  Tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(MonotonicNanos() / 1000));
}

void NotifyStopping() {
  Tell("STOPPING=1");
}

void NotifyAlive() {
  Tell("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> WatchdogPeriod() {
  uint64_t period_us = 0;
  if (sd_watchdog_enabled(0, &period_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(period_us / 2);
}

}  // namespace onggi
