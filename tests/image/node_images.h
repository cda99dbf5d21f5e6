// NodeImages: an image service on a temporary root with the overlay snapshotter, for tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "image/image_service.h"
#include "snapshotter/factory.h"
#include "store/database.h"
#include "tests/support/matchers.h"

namespace onggi::testing {

struct NodeImages {
  TempDir dir = TempDir::Make("/var/tmp").value();
  std::unique_ptr<Database> database;
  std::unique_ptr<Snapshotter> snapshotter;
  std::unique_ptr<ImageService> images;
  ImageServiceOptions options;

  explicit NodeImages(ImageServiceOptions given = {}) : options(std::move(given)) {
    options.root = dir.path();
    Open();
  }
  ~NodeImages() { Close(); }
  void Open() {
    auto opened = Database::Open(dir.path() + "/meta.db");
    ASSERT_THAT(opened, IsOk());
    database = std::move(opened).value();
    auto snapshots = OpenSnapshotter("auto", dir.path(), *database);
    ASSERT_THAT(snapshots, IsOk());
    snapshotter = std::move(snapshots).value();
    auto service = ImageService::Open(options, *database, *snapshotter);
    ASSERT_THAT(service, IsOk());
    images = std::move(service).value();
  }
  void Close() {
    images.reset();
    snapshotter.reset();
    database.reset();
  }
  ImageVerbs& verbs() { return *images->verbs(); }
  size_t Snapshots() { return snapshotter->List().value().size(); }
  size_t Blobs() { return verbs().content().Usage().blobs; }
  // The file PATH of the image's root, from the highest layer that has it.
  std::string FileOf(const std::string& id, const std::string& path) {
    auto image = images->Find(id);
    if (!image) return "no image";
    auto mount = snapshotter->View("view-" + id, image->top_layer);
    if (!mount) return mount.error().message();
    std::string text = "absent";
    std::vector<std::string> roots = mount->lower;
    if (roots.empty()) roots.push_back(mount->source);
    for (const std::string& root : roots) {
      if (!PathExists(root + path)) continue;
      text = ReadFile(root + path).value_or("unreadable");
      break;
    }
    EXPECT_THAT(snapshotter->Remove("view-" + id), IsOk());
    return text;
  }
};

inline ImageServiceOptions PlainHttp(const std::string& host) {
  ImageServiceOptions options;
  options.mirrors[host] = {{.url = "http://" + host}};
  return options;
}

}  // namespace onggi::testing
