#include "runtime/cmd/container_view.h"

#include <ctime>

namespace onggi {

std::string FormatTime(int64_t wall_ns) {
  const time_t seconds = wall_ns / 1'000'000'000;
  tm parts{};
  (void)gmtime_r(&seconds, &parts);  // fails only past the year 2^31
  char date[32];
  (void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
  char text[64];
  (void)snprintf(text, sizeof(text), "%s.%09lldZ", date,
                 static_cast<long long>(wall_ns % 1'000'000'000));
  return text;
}

Result<OrderedJson> ContainerView(const ContainerState& state) {
  const ContainerRecord& record = state.record();
  TRY_ASSIGN(const spec::Spec spec, state.ReadSpec());
  const ContainerStatus status = state.Status();
  OrderedJson view;
  view["ociVersion"] = "1.2.0";
  view["id"] = record.id;
  view["pid"] = status == ContainerStatus::kStopped ? 0 : record.pid;
  view["status"] = StatusName(status);
  view["bundle"] = record.bundle;
  view["rootfs"] = spec.root_path.empty() || spec.root_path[0] == '/'
                       ? spec.root_path
                       : record.bundle + "/" + spec.root_path;
  view["created"] = FormatTime(record.created_at_ns);
  if (!spec.annotations.empty()) view["annotations"] = spec.annotations;
  view["owner"] = "";
  return view;
}

}  // namespace onggi
