#include "tests/support/test_images.h"

#include <gtest/gtest.h>

#include "base/child_process.h"
#include "base/file_io.h"

namespace onggi::testing {
namespace {

void Run(std::vector<std::string> argv) {
  std::string name = argv[0];
  auto output = RunCommand({.argv = std::move(argv),
                            .env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"},
                            .timeout = std::chrono::minutes(5)});
  if (!output) {
    ADD_FAILURE() << name << ": " << output.error().message();
  } else {
    EXPECT_TRUE(output->status.ok()) << name << ": " << output->err << output->out;
  }
}

}  // namespace

const char kBusyboxLayer[] =
    "mkdir -p bin etc tmp proc sys dev root && cp /bin/busybox bin/ && "
    "for name in sh ls cat echo sleep true false id env ps; do ln -s busybox bin/$name; done && "
    "chmod 1777 tmp && echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd && "
    "echo 'root:x:0:' > etc/group";

std::string MakeTestImage(const std::string& directory, const TestImageOptions& options) {
  std::string layout = directory + "/layout";
  std::string image = layout + ":" + options.tag;
  if (!PathExists(layout)) Run({"/usr/bin/umoci", "init", "--layout", layout});
  Run({"/usr/bin/umoci", "new", "--image", image});
  int number = 0;
  for (const std::string& script : options.layers) {
    std::string base = directory + "/layer" + std::to_string(number++);
    Run({"/bin/sh", "-c",
         "rm -rf " + base + " && mkdir " + base + " && cd " + base + " && (" + script +
             ") && tar --numeric-owner --sort=name -cf " + base + ".tar ."});
    Run({"/usr/bin/umoci", "raw", "add-layer", "--image", image, base + ".tar"});
    Run({"/bin/rm", "-rf", base, base + ".tar"});
  }
  if (!options.config.empty()) {
    std::vector<std::string> argv{"/usr/bin/umoci", "config", "--image", image};
    argv.insert(argv.end(), options.config.begin(), options.config.end());
    Run(std::move(argv));
  }
  return "oci:" + image;
}

}  // namespace onggi::testing
