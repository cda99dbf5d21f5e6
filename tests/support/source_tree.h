// SourceDirectory: the top of the source tree that the tests were built from, whatever the current
// directory is. Thread-safety: any thread.
#pragma once

#include <string>

namespace onggi::testing {

std::string SourceDirectory();

}  // namespace onggi::testing
