#include <cstdio>

#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/container_view.h"

namespace onggi {

Result<int> StateCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse({}, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  TRY_ASSIGN(const OrderedJson view, ContainerView(state));
  (void)printf("%s\n", DumpJson(view, 2).c_str());
  return 0;
}

}  // namespace onggi
