#include "server/cri/convert_mount.h"

namespace onggi {

using Propagation = ContainerMount::Propagation;

Result<ContainerMount> MountFromCri(const cri::Mount& from) {
  ContainerMount to;
  switch (from.propagation()) {
    case cri::PROPAGATION_PRIVATE:
      to.propagation = Propagation::kPrivate;
      break;
    case cri::PROPAGATION_HOST_TO_CONTAINER:
      to.propagation = Propagation::kHostToContainer;
      break;
    case cri::PROPAGATION_BIDIRECTIONAL:
      to.propagation = Propagation::kBidirectional;
      break;
    default:
      return InvalidArgument("mounts.propagation: unknown number " +
                             std::to_string(from.propagation()) + " at " + from.container_path());
  }
  to.container_path = from.container_path();
  to.host_path = from.host_path();
  to.read_only = from.readonly();
  to.recursive_read_only = from.recursive_read_only();
  to.selinux_relabel = from.selinux_relabel();
  to.uid_mappings = IdMappingsFromCri(from.uidmappings());
  to.gid_mappings = IdMappingsFromCri(from.gidmappings());
  to.options = StringsFromCri(from.mount_options());
  to.image = from.image().image();
  to.image_sub_path = from.image_sub_path();
  return to;
}

void MountToCri(const ContainerMount& from, cri::Mount* to) {
  to->set_container_path(from.container_path);
  to->set_host_path(from.host_path);
  to->set_readonly(from.read_only);
  to->set_recursive_read_only(from.recursive_read_only);
  to->set_selinux_relabel(from.selinux_relabel);
  switch (from.propagation) {
    case Propagation::kPrivate:
      to->set_propagation(cri::PROPAGATION_PRIVATE);
      break;
    case Propagation::kHostToContainer:
      to->set_propagation(cri::PROPAGATION_HOST_TO_CONTAINER);
      break;
    case Propagation::kBidirectional:
      to->set_propagation(cri::PROPAGATION_BIDIRECTIONAL);
      break;
  }
  IdMappingsToCri(from.uid_mappings, to->mutable_uidmappings());
  IdMappingsToCri(from.gid_mappings, to->mutable_gidmappings());
  StringsToCri(from.options, to->mutable_mount_options());
  if (from.image.empty()) return;
  to->mutable_image()->set_image(from.image);
  to->mutable_image()->set_image_ref(from.image_digest);
  to->set_image_sub_path(from.image_sub_path);
}

}  // namespace onggi
