#include "server/cri/image_service.h"

namespace onggi {
namespace {

void UsageToCri(const FilesystemUsage& from, cri::FilesystemUsage* to) {
  to->set_timestamp(from.timestamp_ns);
  to->mutable_fs_id()->set_mountpoint(from.mountpoint);
  to->mutable_used_bytes()->set_value(from.used_bytes);
  to->mutable_inodes_used()->set_value(from.inodes_used);
}

}  // namespace

grpc::Status CriImageService::ImageFsInfo(grpc::ServerContext* context,
                                          const cri::ImageFsInfoRequest*,
                                          cri::ImageFsInfoResponse* response) {
  return Serve({node_, context, "ImageFsInfo", "", RpcKind::kRead}, [&]() -> Result<> {
    TRY_ASSIGN(FilesystemUsage images, node_.images.FsUsage());
    UsageToCri(images, response->add_image_filesystems());
    FilesystemUsage containers;
    containers.timestamp_ns = WallNanos();
    containers.mountpoint = images.mountpoint;  // both live below root
    for (const ContainerStats& stats : node_.engine.ListStats({})) {
      containers.used_bytes += stats.writable_layer_bytes;
      containers.inodes_used += stats.writable_layer_inodes;
    }
    UsageToCri(containers, response->add_container_filesystems());
    return Ok();
  });
}

}  // namespace onggi
