// What a test needs of the host. Lacking it, the test skips and names what is missing; with
// ONGGI_REQUIRE_ROOT=1 in the environment (as in CI) that is a failure.
//
//   TEST(Overlay, ...) {
//     ONGGI_REQUIRE_ROOT();
//     ONGGI_REQUIRE(KernelHasFilesystem("erofs"), "the kernel's erofs file system");
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/file_io.h"

namespace onggi::testing {

inline bool RequiresEverything() {
  const char* value = getenv("ONGGI_REQUIRE_ROOT");
  return value != nullptr && std::string_view(value) == "1";
}

// NAME as a word of /proc/filesystems.
inline bool KernelHasFilesystem(const std::string& name) {
  std::string list = ReadFile("/proc/filesystems").value_or("");
  return list.find("\t" + name + "\n") != std::string::npos;
}

}  // namespace onggi::testing

#define ONGGI_REQUIRE(condition, what)                                        \
  do {                                                                        \
    if (!(condition)) {                                                       \
      if (::onggi::testing::RequiresEverything()) FAIL() << "needs " << what; \
      GTEST_SKIP() << "needs " << what;                                       \
    }                                                                         \
  } while (0)

#define ONGGI_REQUIRE_ROOT() ONGGI_REQUIRE(geteuid() == 0, "root")
