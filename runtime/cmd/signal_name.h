// Signals as people write them: "9", "KILL", "SIGKILL", "sigkill", "RTMIN+3".
#pragma once

#include <string>

#include "base/result.h"

namespace onggi {

// InvalidArgument when it is none of this machine's.
Result<int> ParseSignal(const std::string& text);

}  // namespace onggi
