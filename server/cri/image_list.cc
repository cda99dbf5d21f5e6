#include "server/cri/image_list.h"

namespace onggi {

Result<std::vector<Image>> ListMatching(ImageService& images, const cri::ImageFilter& filter) {
  if (filter.image().image().empty()) return images.List();
  std::vector<Image> found;
  Result<Image> image = images.Find(filter.image().image());
  if (!image && image.error().code() == Code::kNotFound) return found;
  if (!image) return std::move(image.error());
  found.push_back(std::move(*image));
  return found;
}

}  // namespace onggi
