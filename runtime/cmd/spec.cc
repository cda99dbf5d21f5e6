#include <fcntl.h>

#include "base/file_io.h"
#include "base/json.h"
#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/default_spec.h"
#include "runtime/spec/parse.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {{"bundle", 'b', true}};

}  // namespace

Result<int> SpecCommand(const GlobalOptions&, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, false));
  const std::string path = arguments.Get("bundle", ".") + "/config.json";
  TRY_ASSIGN(const Json json, ParseJson(spec::FormatSpec(DefaultSpec())));
  // Never over somebody's own.
  TRY_ASSIGN(const UniqueFd file, Open(path, O_WRONLY | O_CREAT | O_EXCL, 0644));
  TRY(WriteAll(file.get(), json.dump(2) + "\n"));
  return 0;
}

}  // namespace onggi
