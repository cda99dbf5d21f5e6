// CHECK(condition): our own invariants. Aborts with file, line and text. Never for input, kernel
// answers or what a peer did: those are Results.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace onggi {

[[noreturn]] inline void CheckFailed(const char* file, int line, const char* text) {
  (void)fprintf(stderr, "%s:%d: check failed: %s\n", file, line, text);
  abort();
}

#define CHECK(cond)                                                    \
  do {                                                                 \
    if (__builtin_expect(!(cond), 0)) {                                \
      ::onggi::CheckFailed(__builtin_FILE(), __builtin_LINE(), #cond); \
    }                                                                  \
  } while (0)

}  // namespace onggi
