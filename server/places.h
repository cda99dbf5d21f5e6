// Places: the directories and programs that the daemon stands on, checked before anything is
// opened.
//
// Thread-safety: free functions.
#pragma once

#include <string>

#include "base/file_lock.h"
#include "base/result.h"
#include "config/config.h"

namespace onggi {

// Makes root and state (0711: containers' ids below them may need to pass), proves that root can be
// written, and locks it. FailedPrecondition naming the pid when another daemon has it.
Result<FileLock> PrepareDirectories(const Config& config);

// CONFIGURED, or onggi-runtime beside this program, or in PATH. NotFound says where it was looked
// for.
Result<std::string> FindRuntime(const std::string& configured);

// A conflist of bridge onggi0 and portmap on SUBNET; "" for "".
std::string DefaultConflist(const std::string& subnet);

}  // namespace onggi
