// Images for tests, made by umoci from layers that shell scripts write.
//
//   std::string source = MakeTestImage(dir, {.layers = {kBusyboxLayer, "echo hi > etc/motd"}});
//   registry->Push(source, "test:1");
//
// Failures are test failures. Thread-safety: any thread, each with its own directory.
#pragma once

#include <string>
#include <vector>

namespace onggi::testing {

struct TestImageOptions {
  std::string tag = "latest";
  // Each runs in an empty directory, whose content becomes the layer.
  std::vector<std::string> layers;
  // Arguments of `umoci config`: "--config.cmd", "sh", ...
  std::vector<std::string> config;
};

// Debian's static busybox as /bin/sh and the usual names, with /etc/passwd.
extern const char kBusyboxLayer[];

// An OCI layout below DIRECTORY (made when absent; several tags may share it), in skopeo's
// notation.
std::string MakeTestImage(const std::string& directory, const TestImageOptions& options);

}  // namespace onggi::testing
