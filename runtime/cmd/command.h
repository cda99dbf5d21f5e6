// The commands of the OCI runtime command line, as runc and crun have them. One file each.
//
// A command gets the global options and its own words, and answers with the exit code of the
// program. Errors are told once, by RunCommandLine: one line on stderr and in the --log file.
//
// Thread-safety: one thread.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace onggi {

struct GlobalOptions {
  std::string root = "/run/onggi-runtime";
  std::string log;                  // "" for none
  std::string log_format = "text";  // or "json"
  bool systemd_cgroup = false;
};

using Words = std::span<const std::string>;

Result<int> CreateCommand(const GlobalOptions& global, Words words);
Result<int> DeleteCommand(const GlobalOptions& global, Words words);
Result<int> EventsCommand(const GlobalOptions& global, Words words);
Result<int> ExecCommand(const GlobalOptions& global, Words words);
Result<int> FeaturesCommand(const GlobalOptions& global, Words words);
Result<int> KillCommand(const GlobalOptions& global, Words words);
Result<int> ListCommand(const GlobalOptions& global, Words words);
Result<int> PauseCommand(const GlobalOptions& global, Words words);
Result<int> PsCommand(const GlobalOptions& global, Words words);
Result<int> ResumeCommand(const GlobalOptions& global, Words words);
Result<int> RunContainerCommand(const GlobalOptions& global, Words words);
Result<int> SpecCommand(const GlobalOptions& global, Words words);
Result<int> StartCommand(const GlobalOptions& global, Words words);
Result<int> StateCommand(const GlobalOptions& global, Words words);
Result<int> UpdateCommand(const GlobalOptions& global, Words words);

// The whole program but "monitor": parses, dispatches, reports. The exit code.
int RunCommandLine(int argc, char** argv);

}  // namespace onggi
