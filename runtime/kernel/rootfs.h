// The root file system of a container: made, attached and entered inside its own mount namespace,
// so that the host's mount table knows nothing of it.
//
// The new root is stacked on the old "/" (no directory of the host is needed or hidden), everything
// is mounted below its fd, and pivot_root(2) swaps the two.
//
// Thread-safety: free functions, in the container's first process. All block on the file system.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace onggi {

// Nothing that is mounted from here on reaches the host. Mounts that must keep their tie to the
// host (shared and slave binds) are cloned before.
Result<> MakeMountsPrivate();

// The detached mount of SPEC's root: an overlay of spec.rootfs, or a bind of root.path.
Result<UniqueFd> MakeRootMount(const spec::Spec& spec);
// Through mount(2), for kernels without "lowerdir+" (before 6.8): paths are /proc/self/fd/N, so
// that 200 layers fit into one page of options.
Result<UniqueFd> MakeOverlayByMount(const spec::Rootfs& rootfs);

// Puts the root onto "/" (or AT when a hook expects it there) and gives the fd of its top
// directory.
Result<UniqueFd> AttachRoot(UniqueFd mount, const std::string& at);

// Makes ROOT the root and drops the old one. Without PIVOT (an initramfs cannot pivot) chroot.
Result<> EnterRoot(int root_fd, bool pivot);

// After EnterRoot: rootfsPropagation of the specification.
Result<> SetRootPropagation(const std::string& word);

}  // namespace onggi
