// The configuration that "spec" writes: a shell under the isolation of docs/RUNTIME.md.
#pragma once

#include "runtime/spec/spec.h"

namespace onggi {

spec::Spec DefaultSpec();

}  // namespace onggi
