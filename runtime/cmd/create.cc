#include "runtime/cmd/command.h"
#include "runtime/cmd/launch.h"

namespace onggi {

Result<int> CreateCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(LaunchFlags(), words, false));
  TRY_ASSIGN(LaunchOptions options, ParseLaunchOptions(arguments));
  options.start_later = true;
  TRY(Launch(global, options).Wrap("create container " + options.id));
  return 0;
}

}  // namespace onggi
