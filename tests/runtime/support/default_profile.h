// A seccomp profile in the manner of the engines' defaults, small enough to read: a list of allowed
// calls, with the argument filters that matter.
#pragma once

#include "runtime/spec/spec.h"

namespace onggi::testing {

spec::Seccomp SmallProfile();

}  // namespace onggi::testing
