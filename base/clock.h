// Time: wall-clock stamps for people and CRI, monotonic time for waits. No timeout may use the wall
// clock.
#pragma once

#include <ctime>

#include <chrono>
#include <cstdint>

namespace onggi {

using Nanos = std::chrono::nanoseconds;

// Nanoseconds since the epoch (CLOCK_REALTIME), the unit of every CRI timestamp.
inline int64_t WallNanos() {
  timespec now{};
  (void)clock_gettime(CLOCK_REALTIME, &now);  // cannot fail for this clock
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Nanoseconds of CLOCK_MONOTONIC.
inline int64_t MonotonicNanos() {
  timespec now{};
  (void)clock_gettime(CLOCK_MONOTONIC, &now);  // cannot fail for this clock
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace onggi
