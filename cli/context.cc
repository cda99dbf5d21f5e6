#include "cli/context.h"

#include "cli/client.h"

namespace onggi::cli {

Context::Context() = default;
Context::~Context() = default;

Result<Client*> Context::Connect() {
  if (!client_) client_ = std::make_unique<Client>(socket);
  return client_.get();
}

}  // namespace onggi::cli
