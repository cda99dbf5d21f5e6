#include "server/api/find_container.h"

#include "base/id.h"
#include "base/strings.h"

namespace onggi {

Result<ContainerStatus> FindContainer(Engine& engine, const std::string& text) {
  std::vector<ContainerStatus> matches;
  for (ContainerStatus& status : engine.ListContainers({})) {
    auto label = status.config.labels.find(kContainerNameLabel);
    bool named = label != status.config.labels.end() ? label->second == text
                                                     : status.config.metadata.name == text;
    if (named || status.id == text) matches.push_back(std::move(status));
  }
  if (matches.size() == 1) return std::move(matches.front());
  if (matches.size() > 1) {
    return InvalidArgument(Quote(text) + " is the name of " + std::to_string(matches.size()) +
                           " containers: use an id");
  }
  if (!IsIdPrefix(text))
    return NotFound("no container " + Quote(text) + " (onggi ps -a lists all)");
  return engine.GetContainer(text);
}

}  // namespace onggi
