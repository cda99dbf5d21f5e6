// Streams of a container to this terminal.
#pragma once

#include "base/result.h"
#include "cli/client.h"

namespace onggi::cli {

// stdout lines to stdout, stderr lines to stderr; ends with the log, or with the container when
// following.
Result<> FollowLogs(Client& client, const v1::LogsRequest& request);

// Runs what REQUEST describes and connects stdin, stdout, stderr of this process; the exit code.
Result<int> RunExec(Client& client, const v1::ExecStart& request);

}  // namespace onggi::cli
