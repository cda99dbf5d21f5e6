#include "network/builtin/nft.h"

#include <nftables/libnftables.h>

#include "base/strings.h"

namespace onggi {

Nft::Nft() : context_(nft_ctx_new(NFT_CTX_DEFAULT)) {
  CHECK(context_ != nullptr);
  CHECK(nft_ctx_buffer_error(context_) == 0);
  CHECK(nft_ctx_buffer_output(context_) == 0);
}

Nft::~Nft() {
  nft_ctx_free(context_);
}

Result<> Nft::Run(const std::string& commands) {
  MutexLock lock(mutex_);
  int rc = nft_run_cmd_from_buffer(context_, commands.c_str());
  std::string complaint(nft_ctx_get_error_buffer(context_));
  if (rc == 0) return Ok();
  return Internal("nftables: " + std::string(Trim(complaint.substr(0, 500))));
}

}  // namespace onggi
