#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/json.h"
#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/container_view.h"
#include "runtime/kernel/self_copy.h"

namespace onggi {
namespace {

constexpr Flag kGlobalFlags[] = {
    {"root", 0, true},      {"log", 0, true},   {"log-format", 0, true},
    {"log-level", 0, true}, {"systemd-cgroup"}, {"debug"},
    {"rootless", 0, true},  {"criu", 0, true},  {"cgroup-manager", 0, true},
    {"version", 'v'},       {"help", 'h'}};

struct Verb {
  std::string_view name;
  Result<int> (*run)(const GlobalOptions& global, Words words);
  // Makes processes that enter a container: must not run from a file that can be written.
  bool enters;
  const char* help;
};
constexpr Verb kVerbs[] = {
    {"create", &CreateCommand, true,
     "create [--bundle DIR] ID     make a container, do not start it"},
    {"start", &StartCommand, false, "start ID                      let a created container go on"},
    {"run", &RunContainerCommand, true, "run [--bundle DIR] ID        create, start and wait"},
    {"exec", &ExecCommand, true, "exec [--process FILE] ID [CMD]  a further process"},
    {"kill", &KillCommand, false, "kill [--all] ID [SIGNAL]      signal the first process"},
    {"delete", &DeleteCommand, false, "delete [--force] ID           remove an ended container"},
    {"state", &StateCommand, false, "state ID                      what it is, as JSON"},
    {"list", &ListCommand, false, "list [--format json] [-q]     all containers"},
    {"ps", &PsCommand, false, "ps [--format json] ID         its processes"},
    {"pause", &PauseCommand, false, "pause ID                      freeze it"},
    {"resume", &ResumeCommand, false, "resume ID                     thaw it"},
    {"update", &UpdateCommand, false, "update [--resources FILE] ID  change its limits"},
    {"events", &EventsCommand, false, "events --stats ID             what it uses"},
    {"spec", &SpecCommand, false, "spec [--bundle DIR]           write a config.json"},
    {"features", &FeaturesCommand, false, "features                      what this runtime knows"},
};

void PrintHelp() {
  (void)printf(
      "usage: onggi-runtime [--root DIR] [--log FILE] [--log-format text|json] COMMAND\n\n");
  for (const Verb& verb : kVerbs) (void)printf("  %s\n", verb.help);
}

// Once, for people on stderr and for the caller in its log, in runc's form.
void Report(const GlobalOptions& global, const Error& error) {
  (void)fprintf(stderr, "onggi-runtime: %s\n", error.message().c_str());
  if (global.log.empty()) return;
  const std::string time = FormatTime(WallNanos());
  const std::string line =
      global.log_format == "json"
          ? DumpJson(OrderedJson{{"level", "error"}, {"msg", error.message()}, {"time", time}})
          : "time=\"" + time + "\" level=error msg=" +
                Json(error.message()).dump(-1, ' ', false, Json::error_handler_t::replace);
  const Result<UniqueFd> file = Open(global.log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (file) (void)WriteAll(file->get(), line + "\n");  // stderr has it already
}

Result<int> Dispatch(const GlobalOptions& global, const std::vector<std::string>& words,
                     char** argv) {
  if (words.empty()) return InvalidArgument("a command is missing; see --help");
  for (const Verb& verb : kVerbs) {
    if (verb.name != words[0]) continue;
    if (geteuid() != 0) return FailedPrecondition("onggi-runtime must run as root");
    if (verb.enters) {
      TRY(EnsureReadOnlySelf(argv, environ));
      if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return SysError("prctl(PR_SET_DUMPABLE)");
    }
    return verb.run(global, Words(words).subspan(1));
  }
  return InvalidArgument("command " + words[0] + " is not known; see --help");
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  GlobalOptions global;
  Result<Arguments> arguments = Arguments::Parse(kGlobalFlags, words, true);
  if (!arguments) {
    Report(global, arguments.error());
    return 1;
  }
  if (arguments->Has("help") || arguments->Has("version")) {
    arguments->Has("help") ? PrintHelp()
                           : (void)printf("onggi-runtime version 0.1.0\nspec: 1.2.0\n");
    return 0;
  }
  global.root = arguments->Get("root", global.root);
  global.log = arguments->Get("log");
  global.log_format = arguments->Get("log-format", global.log_format);
  global.systemd_cgroup = arguments->Has("systemd-cgroup");
  Result<int> code = Dispatch(global, arguments->words(), argv);
  if (code) return *code;
  Report(global, code.error());
  return 1;
}

}  // namespace onggi
