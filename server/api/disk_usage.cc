#include <set>

#include "server/api/system_service.h"

namespace onggi {
namespace {

void AddImages(const Node& node, v1::DiskUsageResponse* response) {
  std::set<std::string> used;
  for (const auto& container : node.engine.ListContainersShared({}))
    used.insert(container->image_id);
  v1::DiskUsageEntry* entry = response->add_entries();
  entry->set_kind("images");
  uint64_t reclaimable = 0;
  int active = 0;
  std::vector<Image> images = node.images.List();
  for (const Image& image : images) {
    bool is_used = used.count(image.id) > 0;
    active += is_used ? 1 : 0;
    if (!is_used && !image.pinned) reclaimable += image.size_bytes;
  }
  entry->set_total(static_cast<int>(images.size()));
  entry->set_active(active);
  entry->set_reclaimable_bytes(reclaimable);
}

void AddContainers(const Node& node, v1::DiskUsageResponse* response) {
  v1::DiskUsageEntry* entry = response->add_entries();
  entry->set_kind("containers");
  uint64_t bytes = 0;
  uint64_t reclaimable = 0;
  int active = 0;
  std::vector<ContainerStats> all = node.engine.ListStats({});
  for (const ContainerStats& stats : all) {
    bool is_running = stats.container.state == ContainerState::kRunning;
    active += is_running ? 1 : 0;
    bytes += stats.writable_layer_bytes;
    if (!is_running) reclaimable += stats.writable_layer_bytes;
  }
  entry->set_total(static_cast<int>(all.size()));
  entry->set_active(active);
  entry->set_size_bytes(bytes);
  entry->set_reclaimable_bytes(reclaimable);
}

}  // namespace

grpc::Status SystemApi::DiskUsage(grpc::ServerContext* context, const v1::DiskUsageRequest*,
                                  v1::DiskUsageResponse* response) {
  return Serve({node_, context, "DiskUsage", "", RpcKind::kRead}, [&]() -> Result<> {
    TRY_ASSIGN(FilesystemUsage images, node_.images.FsUsage());
    AddImages(node_, response);
    response->mutable_entries(0)->set_size_bytes(images.used_bytes);
    AddContainers(node_, response);
    return Ok();
  });
}

}  // namespace onggi
