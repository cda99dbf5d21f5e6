#include "server/api/convert_image.h"

namespace onggi {

void ImageToApi(const Image& from, uint64_t containers, v1::Image* to) {
  to->set_id(from.id);
  for (const std::string& tag : from.repo_tags) to->add_repo_tags(tag);
  for (const std::string& digest : from.repo_digests) to->add_repo_digests(digest);
  to->set_size_bytes(from.size_bytes);
  to->set_created(from.config.created);
  to->set_architecture(from.config.platform.architecture);
  to->set_os(from.config.platform.os);
  to->set_variant(from.config.platform.variant);
  to->set_author(from.config.author);
  to->set_manifest_digest(from.manifest_digest);
  for (const std::string& diff_id : from.config.diff_ids) to->add_diff_ids(diff_id);
  to->set_pinned(from.pinned);
  for (const auto& [key, value] : from.config.labels) (*to->mutable_labels())[key] = value;
  to->set_containers(containers);
}

RegistryAuth AuthFromApi(const v1::RegistryAuth& from) {
  RegistryAuth to;
  to.username = from.username();
  to.password = Secret(from.password());
  to.identity_token = Secret(from.identity_token());
  to.registry_token = Secret(from.registry_token());
  to.server_address = from.server_address();
  return to;
}

void ProgressToApi(const PullProgress& from, const std::string& reference, v1::Progress* to) {
  to->set_stage(from.stage);
  to->set_bytes_done(from.bytes_done);
  to->set_bytes_total(from.bytes_total);
  to->set_layers_done(from.layers_done);
  to->set_layers_total(from.layers_total);
  to->set_reference(reference);
}

}  // namespace onggi
