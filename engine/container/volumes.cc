// Volumes of a container: images mounted read-only, the anonymous ones of the image's own VOLUMEs,
// and named ones.
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "engine/container/create_parts.h"
#include "engine/container/volume_copy.h"
#include "engine/fail_point.h"

namespace onggi {
namespace {

std::string ContainerDir(const std::string& root, const std::string& id) {
  return root + "/containers/" + id;
}

std::string ViewKey(const std::string& id, size_t number) {
  return id + "-image-" + std::to_string(number);
}

Error MountFailed(const std::string& image, const Error& why) {
  // The prefix is what kubelet shows and tests for.
  return Error(Code::kUnknown,
               "ImageVolumeMountFailed: image " + Quote(image) + ": " + why.message());
}

spec::Mount BindOf(const std::string& destination, const std::string& source, bool read_only) {
  spec::Mount mount;
  mount.destination = destination;
  mount.type = "bind";
  mount.source = source;
  mount.options = {"rbind", "rprivate", read_only ? "ro" : "rw"};
  return mount;
}

// Several layers are an overlay without an upper directory; one is simply bound.
spec::Mount MountOfLayers(const std::string& destination, const std::vector<std::string>& layers) {
  if (layers.size() == 1) return BindOf(destination, layers[0], true);
  spec::Mount mount;
  mount.destination = destination;
  mount.type = mount.source = "overlay";
  mount.options = {"ro", "lowerdir=" + Join(layers, ":")};
  return mount;
}

bool IsTaken(const ContainerConfig& config, const std::string& path) {
  for (const ContainerMount& mount : config.mounts) {
    if (mount.container_path == path) return true;
  }
  return false;
}

}  // namespace

Result<> EngineImpl::PrepareImageVolume(NewContainer& made, ContainerMount& mount, size_t number) {
  auto image = rooms_.images->Find(mount.image);
  if (!image) return MountFailed(mount.image, image.error());
  auto view = rooms_.snapshotter->View(ViewKey(made.status.id, number), image->top_layer);
  if (!view) return MountFailed(mount.image, view.error());
  auto root = ImageRoot::Open(*view);
  if (!root) return MountFailed(mount.image, root.error());
  auto layers = root->DirectoriesOf(mount.image_sub_path);
  if (!layers) return MountFailed(mount.image, layers.error());
  spec::Mount made_mount = MountOfLayers(mount.container_path, *layers);
  made_mount.options.insert(made_mount.options.end(), mount.options.begin(), mount.options.end());
  made.volumes.push_back(std::move(made_mount));
  mount.image_digest = image->repo_digests.empty() ? image->id : image->repo_digests.front();
  return Ok();
}

Result<> EngineImpl::PrepareVolumes(NewContainer& made) {
  TRY(FailPoint("create.volumes"));
  for (size_t i = 0; i < made.config.mounts.size(); ++i) {
    ContainerMount& mount = made.config.mounts[i];
    if (!mount.image.empty()) TRY(PrepareImageVolume(made, mount, i));
    if (mount.kind == "volume") {
      std::string dir = options_.root + "/volumes/" + mount.host_path;
      bool fresh = !PathExists(dir);
      TRY(MakeDirs(dir));
      if (fresh) TRY(CopyUp(made.rootfs, mount.container_path, dir));
      mount.host_path = dir;
    }
  }
  size_t number = 0;
  for (const std::string& path : made.image.config.volumes) {
    // CVE-2022-23648: the path comes from the image, so it is only ever resolved inside its root.
    if (path.empty() || path.front() != '/' || IsTaken(made.config, path)) continue;
    std::string dir =
        ContainerDir(options_.root, made.status.id) + "/volumes/" + std::to_string(number++);
    TRY(MakeDirs(dir));
    TRY(CopyUp(made.rootfs, path, dir).Wrap("volume " + Quote(path)));
    made.volumes.push_back(BindOf(path, dir, false));
  }
  return Ok();
}

// Everything on disk that a container has by its id. Best effort for a rollback; a removal that
// fails here is found again by the sweep of the next start.
void EngineImpl::DropFiles(const std::string& container_id, size_t mounts) {
  (void)rooms_.images->Unlease(container_id);
  for (size_t i = 0; i < mounts; ++i) {
    (void)rooms_.snapshotter->Remove(ViewKey(container_id, i));
  }
  (void)rooms_.snapshotter->Remove(container_id);
  std::string dir = ContainerDir(options_.root, container_id);
  if (PathExists(dir)) (void)RemoveTree(dir);
}

}  // namespace onggi
