#include <cstdio>

#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/container_view.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {{"format", 'f', true}, {"quiet", 'q'}};

void PrintRow(const OrderedJson& view) {
  const auto text = [&](const char* key) {
    return view[key].get_ref<const std::string&>().c_str();
  };
  (void)printf("%-40s %-8s %-8s %-40s %s\n", text("id"), view["pid"].dump().c_str(), text("status"),
               text("bundle"), text("created"));
}

}  // namespace

Result<int> ListCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, false));
  OrderedJson views = OrderedJson::array();
  for (const std::string& id : ContainerState::List(global.root)) {
    const Result<ContainerState> state = ContainerState::Load(global.root, id);
    if (!state) continue;  // deleted meanwhile, or damaged: one of them must not hide the others
    Result<OrderedJson> view = ContainerView(*state);
    if (view) views.push_back(std::move(view).value());
  }
  if (arguments.Get("format") == "json") {
    (void)printf("%s\n", DumpJson(views).c_str());
    return 0;
  }
  const bool quiet = arguments.Has("quiet");
  if (!quiet) {
    (void)printf("%-40s %-8s %-8s %-40s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED");
  }
  for (const OrderedJson& view : views) {
    if (quiet) {
      (void)printf("%s\n", view["id"].get_ref<const std::string&>().c_str());
    } else {
      PrintRow(view);
    }
  }
  return 0;
}

}  // namespace onggi
