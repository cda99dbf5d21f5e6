#include "cli/find.h"

#include "base/strings.h"

namespace onggi::cli {

std::string NameOf(const runtime::v1::Container& container) {
  auto label = container.labels().find(kNameLabel);
  return label != container.labels().end() ? label->second : container.metadata().name();
}

Result<std::vector<runtime::v1::Container>> ListContainers(Client& client) {
  runtime::v1::ListContainersResponse response;
  grpc::ClientContext call;
  TRY(client.Check(client.runtime().ListContainers(&call, {}, &response)));
  return std::vector<runtime::v1::Container>(response.containers().begin(),
                                             response.containers().end());
}

Result<runtime::v1::Container> FindContainer(Client& client, const std::string& text) {
  TRY_ASSIGN(auto containers, ListContainers(client));
  std::vector<const runtime::v1::Container*> matches;
  for (const auto& container : containers) {
    if (container.id() == text || NameOf(container) == text) matches.push_back(&container);
  }
  if (matches.empty() && !text.empty()) {
    for (const auto& container : containers) {
      if (container.id().compare(0, text.size(), text) == 0) matches.push_back(&container);
    }
  }
  if (matches.empty()) {
    return NotFound("no container " + Quote(text) + " (onggi ps -a lists all)");
  }
  if (matches.size() > 1) {
    return InvalidArgument(Quote(text) + " matches " + std::to_string(matches.size()) +
                           " containers; use more of the id");
  }
  return *matches.front();
}

}  // namespace onggi::cli
