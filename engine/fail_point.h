// FailPoint: named places where a test, or ONGGI_FAIL_POINTS in the environment of a daemon under
// test, makes a step of an operation fail. Off, it costs one relaxed load.
//
//   TRY(FailPoint("run-pod.network"));
//   ONGGI_FAIL_POINTS="run-pod.network=error,create.monitor=kill"
//
// Actions: error (Internal naming the point), kill (SIGKILL to the process itself), delay-MS.
//
// Thread-safety: any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

Result<> FailPoint(std::string_view name);

// Replaces what is armed: point -> action. An empty map turns all of it off.
void ArmFailPoints(std::map<std::string, std::string, std::less<>> actions);
// From "point=action,point=action"; what does not parse is left out.
void ArmFailPointsFromText(std::string_view text);

}  // namespace onggi
