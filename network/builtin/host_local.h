// HostLocal: addresses of a network, kept as one file per address in DIRECTORY/NETWORK, named by
// the address and holding "POD-ID\r\nINTERFACE": the format of CNI's host-local plugin, so that
// either can go on where the other stopped. A file is made with O_EXCL: two daemons or a crash
// can't give one address twice.
//
// Thread-safety: any thread, any process. Blocks on the file system, without fsync.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "network/builtin/netlink.h"

namespace onggi {

struct AddressRange {
  IpAddress subnet;  // with its prefix
  IpAddress first;   // of those given out
  IpAddress last;
  IpAddress gateway;
};

struct Lease {
  IpAddress address;  // with the subnet's prefix
  IpAddress gateway;
};

class HostLocal {
 public:
  // IPAM is the "ipam" member of a bridge's configuration: "ranges" or "subnet", "rangeStart",
  // "rangeEnd", "gateway", "dataDir". InvalidArgument naming what is wrong.
  static Result<HostLocal> Parse(const Json& ipam, const std::string& network,
                                 const std::string& default_dir);

  // One address of each range for POD_ID; those that it holds already when it asks again.
  // ResourceExhausted when a range is full.
  Result<std::vector<Lease>> Allocate(const std::string& pod_id,
                                      const std::string& interface_name) const;
  // Every address of POD_ID.
  Result<> Release(const std::string& pod_id) const;

  const std::vector<AddressRange>& ranges() const { return ranges_; }

 private:
  Result<Lease> AllocateIn(const AddressRange& range, size_t index,
                           const std::string& content) const;

  std::string directory_;
  std::vector<AddressRange> ranges_;
};

}  // namespace onggi
