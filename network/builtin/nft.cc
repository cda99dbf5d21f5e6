#include "network/builtin/nft.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>
#include <sys/socket.h>

#include "base/strings.h"
#include "base/unique_fd.h"

namespace onggi {

Nft::~Nft() {
  if (context_ != nullptr) nft_ctx_free(context_);
}

Result<> Nft::Run(const std::string& commands) {
  MutexLock lock(mutex_);
  if (context_ == nullptr) {
    context_ = nft_ctx_new(NFT_CTX_DEFAULT);
    CHECK(context_ != nullptr);
    CHECK(nft_ctx_buffer_error(context_) == 0);
    CHECK(nft_ctx_buffer_output(context_) == 0);
  }
  int rc = nft_run_cmd_from_buffer(context_, commands.c_str());
  std::string complaint(nft_ctx_get_error_buffer(context_));
  if (rc == 0) return Ok();
  return Internal("nftables: " + std::string(Trim(complaint.substr(0, 500))));
}

Result<bool> Nft::HasTable(const std::string& name) {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd.valid()) return SysError("socket(NETLINK_NETFILTER)");
  alignas(nlmsghdr) char buffer[8192] = {};
  nlmsghdr* header = mnl_nlmsg_put_header(buffer);
  header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE;
  header->nlmsg_flags = NLM_F_REQUEST;
  auto* family =
      static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(struct nfgenmsg)));
  family->nfgen_family = NFPROTO_INET;
  family->version = NFNETLINK_V0;
  mnl_attr_put_strz(header, NFTA_TABLE_NAME, name.c_str());
  if (send(fd.get(), header, header->nlmsg_len, 0) < 0) return SysError("send(netlink)");
  ssize_t n = recv(fd.get(), buffer, sizeof buffer, 0);
  if (n < static_cast<ssize_t>(sizeof *header)) return SysError("recv(netlink)");
  if (header->nlmsg_type != NLMSG_ERROR) return true;
  int error = -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(header))->error;
  if (error == ENOENT) return false;
  return SysError("netlink", error);
}

}  // namespace onggi
