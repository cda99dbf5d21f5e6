// HostLocal: the addresses of one network, kept as one file per address in DIRECTORY, named by the
// address and holding "POD-ID\r\nINTERFACE", beside "last_reserved_ip.N": the format of CNI's
// host-local plugin, so that either can go on where the other stopped. A file is made with O_EXCL:
// two processes or a crash can't give one address twice. What the directory holds is read once and
// then known from memory.
//
// Thread-safety: any thread, any process. Blocks on the file system, without fsync: after a power
// cut no pod is left to own an address.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "base/mutex.h"
#include "base/result.h"
#include "network/ip_address.h"

namespace onggi {

struct AddressRange {
  IpAddress subnet;  // with its prefix
  IpAddress first;   // of those given out
  IpAddress last;
  IpAddress gateway;  // with the subnet's prefix
};
// One address is given out of each set, from any of its ranges.
using RangeSet = std::vector<AddressRange>;

struct Ipam {
  std::string data_dir;  // "" when the configuration names none
  std::vector<RangeSet> sets;
  struct Route {
    std::string destination;
    std::string gateway;  // "" for the range's
  };
  std::vector<Route> routes;
};

// The "ipam" member of a bridge's configuration: "ranges" or "subnet", "rangeStart", "rangeEnd",
// "gateway", "routes", "dataDir". InvalidArgument naming what is wrong.
Result<Ipam> ParseIpam(const Json& ipam);

struct Lease {
  IpAddress address;  // with the subnet's prefix
  IpAddress gateway;
};

class HostLocal {
 public:
  explicit HostLocal(std::string directory) : directory_(std::move(directory)) {}

  struct Request {
    std::string pod_id;
    std::string interface_name;
    std::vector<std::string> wanted;  // addresses asked for by name, at most one of each set
  };
  // One address of each set. ResourceExhausted when a set has none left, AlreadyExists when a
  // wanted one is taken. On failure nothing stays reserved.
  Result<std::vector<Lease>> Allocate(const std::vector<RangeSet>& sets, const Request& request);
  // Every address of POD_ID.
  Result<> Release(const std::string& pod_id);
  // Every address of no pod in POD_IDS.
  Result<> Retain(const std::set<std::string>& pod_ids);
  bool Holds(const std::string& pod_id);

 private:
  Result<> Load() REQUIRES(mutex_);
  Result<Lease> AllocateIn(const RangeSet& set, size_t index, const Request& request)
      REQUIRES(mutex_);
  Result<bool> Take(const IpAddress& address, const Request& request) REQUIRES(mutex_);
  Result<> ReleaseLocked(const std::string& pod_id) REQUIRES(mutex_);

  const std::string directory_;
  Mutex mutex_;
  bool is_loaded_ GUARDED_BY(mutex_) = false;
  std::unordered_set<std::string> used_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::vector<std::string>> by_pod_ GUARDED_BY(mutex_);
  std::map<size_t, IpAddress> last_ GUARDED_BY(mutex_);  // by number of the set
};

}  // namespace onggi
