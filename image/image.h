// Image: what the store knows of one image, and the parts of its OCI config that running it needs.
//
// Identifiers are one rule everywhere: the image id is the digest of its config ("sha256:" and 64
// hex digits), and it is what PullImage answers, what lists show and what a container's image_id
// is.
//
// Thread-safety: plain data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace onggi {

struct Platform {
  std::string os;            // "linux"
  std::string architecture;  // "amd64", "arm64": GOARCH names
  std::string variant;       // "v8"; usually empty
};
// Of the machine that we run on.
Platform HostPlatform();
// "linux/amd64" or "linux/arm64/v8".
std::string FormatPlatform(const Platform& platform);

struct HealthCheck {
  std::vector<std::string>
      test;  // {"NONE"}, {"CMD", ...} or {"CMD-SHELL", "text"}; empty: none given
  int64_t interval_ns = 0;
  int64_t timeout_ns = 0;
  int64_t start_period_ns = 0;
  int64_t start_interval_ns = 0;
  int retries = 0;
};

// The "config" member of an OCI image config, and the fields beside it.
struct ImageConfig {
  std::string user;
  std::vector<std::string> env;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::vector<std::string> volumes;
  std::vector<std::string> exposed_ports;
  std::vector<std::string> shell;
  std::vector<std::string> on_build;
  std::string stop_signal;
  HealthCheck health_check;
  Platform platform;
  std::string created;  // RFC 3339
  std::string author;
  std::vector<std::string> diff_ids;  // lowest layer first
};

struct Image {
  std::string id;                         // config digest
  std::vector<std::string> repo_tags;     // "localhost:5000/library/busybox:1.36", sorted
  std::vector<std::string> repo_digests;  // "localhost:5000/library/busybox@sha256:...", sorted
  std::string manifest_digest;            // of the platform's manifest
  uint64_t size_bytes = 0;                // compressed blobs plus config plus manifest; never 0
  std::string top_layer;  // chain id: the committed snapshot that containers stand on
  bool pinned = false;
  ImageConfig config;
};

}  // namespace onggi
