// Nft: runs nftables commands in-process, each text one transaction (libnftables).
//
// Thread-safety: any thread; one context behind a lock. Blocks for the kernel. Needs CAP_NET_ADMIN.
#pragma once

#include <string>

#include "base/mutex.h"
#include "base/result.h"

struct nft_ctx;

namespace onggi {

class Nft {
 public:
  Nft() = default;
  ~Nft();
  Nft(const Nft&) = delete;
  Nft& operator=(const Nft&) = delete;

  // Internal with nft's own words when the text is refused.
  Result<> Run(const std::string& commands);
  // Whether the kernel has the table NAME of family inet: one message, whatever other rules there
  // are.
  Result<bool> HasTable(const std::string& name);

 private:
  Mutex mutex_;
  nft_ctx* context_ GUARDED_BY(mutex_) = nullptr;  // made when first used: it costs memory
};

}  // namespace onggi
