// Compiled seccomp programs, kept by profile below ROOT/.seccomp: a profile of several hundred
// calls costs milliseconds to compile and microseconds to read.
//
// A file holds the profile's text and the program; the text is compared whole, so a collision of
// names costs a compilation and nothing else. A damaged or unreadable file counts as absent.
//
// Thread-safety: several processes at once (files appear by rename).
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

Result<std::vector<sock_filter>> CachedSeccomp(const std::string& root,
                                               const spec::Seccomp& seccomp);

}  // namespace onggi
