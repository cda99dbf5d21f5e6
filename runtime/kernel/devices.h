// Device nodes and links of a container's /dev, made relative to its fd: a /dev that is a link in
// the image is refused (CVE-2025-31133 and kin).
//
// Thread-safety: one thread.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct DeviceOptions {
  int root_fd = -1;
  // mknod is refused in a user namespace: the host's node is bound instead.
  bool bind_nodes = false;
};

// The default nodes (null zero full random urandom tty), SPEC's own, and the links fd, stdin,
// stdout, stderr, ptmx. Nothing is made when /dev is bound from the host.
Result<> MakeDevices(const DeviceOptions& options, const spec::Spec& spec);

// The host's /dev/null, proved to be the character device 1:3: the source of masks and stdio.
Result<UniqueFd> OpenNull(int flags);

}  // namespace onggi
