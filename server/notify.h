// What systemd is told about the service (sd_notify(3)); nothing happens when it does not ask.
//
// Thread-safety: any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace onggi {

void NotifyReady(const std::string& status);
void NotifyReloading();
void NotifyStopping();
void NotifyAlive();
// How often NotifyAlive must come, halved; nullopt when no watchdog is set.
std::optional<std::chrono::microseconds> WatchdogPeriod();

}  // namespace onggi
