#include <gmock/gmock.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/e2e/node.h"
#include "tests/support/registry.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;

std::string DebianLayout() {
  std::string script =
      std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/')) + "/make-debian-layout";
  return std::string(Trim(Shell(script + " /var/tmp/onggi-test-cache")));
}

class ImageTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    registry_ = Registry::Start({});
    registry_->Push("oci:" + DebianLayout() + ":12", "debian:12");
    node_ = Node::Start({.registry = registry_->host()});
  }
  static void TearDownTestSuite() {
    node_.reset();
    registry_.reset();
  }
  void TearDown() override { node_->RemoveAllPods(); }

  cri::Image StatusOf(const std::string& reference) {
    cri::ImageStatusRequest request;
    request.mutable_image()->set_image(reference);
    cri::ImageStatusResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(node_->images().ImageStatus(&context, request, &response).ok());
    return response.image();
  }
  void RemoveImage(const std::string& reference) {
    cri::RemoveImageRequest request;
    request.mutable_image()->set_image(reference);
    cri::RemoveImageResponse response;
    grpc::ClientContext context;
    grpc::Status status = node_->images().RemoveImage(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  static inline std::unique_ptr<Registry> registry_;
  static inline std::unique_ptr<Node> node_;
};

TEST_F(ImageTest, ADebianRootOfManyLayersIsPulledAndRuns) {
  std::string name = registry_->host() + "/debian:12";
  std::string id;
  grpc::Status status = node_->TryPull(name, &id);
  ASSERT_TRUE(status.ok()) << status.error_message();
  cri::Image image = StatusOf(name);
  EXPECT_EQ(image.id(), id);
  EXPECT_GT(image.size(), 10'000'000u);
  std::string pod = node_->RunPod(node_->Pod("debian"));
  cri::ContainerConfig config = node_->Container(
      "c", {"sh", "-c",
            "find / -xdev | wc -l; cat /etc/debian_version; test ! -e /etc/motd && echo whiteout"});
  config.mutable_image()->set_image(id);
  std::string container = node_->Run(pod, config);
  node_->WaitExited(container);
  std::string log = node_->Log(container);
  EXPECT_GT(ParseUint(log.substr(0, log.find('\n'))).value_or(0), 4'000u) << log;
  EXPECT_THAT(log, HasSubstr("12."));
  EXPECT_THAT(log, HasSubstr("whiteout"));
  EXPECT_EQ(node_->Status(container).image_id(), id);
}

TEST_F(ImageTest, NginxServesAPageFromThePodsAddress) {
  std::string name = registry_->host() + "/debian:12";
  ASSERT_TRUE(node_->TryPull(name).ok());
  cri::PodSandboxConfig pod_config = node_->Pod("web");
  auto* mapping = pod_config.add_port_mappings();
  mapping->set_container_port(80);
  mapping->set_host_port(28080);
  std::string pod = node_->RunPod(pod_config);
  cri::ContainerConfig config = node_->Container("nginx", {});
  config.mutable_image()->set_image(name);
  auto* capabilities = config.mutable_linux()->mutable_security_context()->mutable_capabilities();
  capabilities->add_add_capabilities("CHOWN");
  node_->Run(pod, config);
  std::string ip = node_->PodStatus(pod).network().ip();
  std::string fetch = "curl -s --retry 20 --retry-connrefused --retry-delay 1 ";
  EXPECT_EQ(Shell(fetch + "http://" + ip + "/"), "served by nginx in a pod\n");
  EXPECT_EQ(Shell(fetch + "http://127.0.0.1:28080/"), "served by nginx in a pod\n");
}

TEST_F(ImageTest, RemovingAnImageFreesItAndPullingWorksAgain) {
  std::string name = registry_->host() + "/debian:12";
  std::string id;
  ASSERT_TRUE(node_->TryPull(name, &id).ok());
  RemoveImage(id);
  EXPECT_EQ(StatusOf(name).id(), "");
  RemoveImage(id);
  std::string again;
  ASSERT_TRUE(node_->TryPull(name, &again).ok());
  EXPECT_EQ(again, id);
}

TEST_F(ImageTest, AnUnknownImageIsNotFoundWithWhatWasTried) {
  grpc::Status status = node_->TryPull(registry_->host() + "/no/such:1");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr(registry_->host()));
  EXPECT_THAT(status.error_message(), HasSubstr("no/such"));
}

TEST_F(ImageTest, ARegistryThatIsDownIsUnavailableByName) {
  grpc::Status status = node_->TryPull("127.0.0.1:9/x:1");
  EXPECT_THAT(status.error_message(), ::testing::StartsWith("RegistryUnavailable"));
}

TEST_F(ImageTest, ABlobWithOtherBytesIsRefused) {
  registry_->Push("oci:" + DebianLayout() + ":12", "damaged:1");
  // One byte of the largest blob is flipped where the registry keeps it.
  std::string blob(
      Trim(Shell("find " + registry_->directory() + "/data -name data -size +5M | head -1")));
  Shell("cp " + blob + " " + blob + ".good && printf '\\377' | dd of=" + blob +
        " bs=1 seek=100000 conv=notrunc status=none");
  auto node = Node::Start({.registry = registry_->host(), .load_busybox = false});
  grpc::Status status = node->TryPull(registry_->host() + "/damaged:1");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.error_message(), HasSubstr("sha256:"));
  cri::ListImagesResponse list;
  grpc::ClientContext context;
  ASSERT_TRUE(node->images().ListImages(&context, {}, &list).ok());
  EXPECT_EQ(list.images_size(), 0);
  Shell("mv " + blob + ".good " + blob);
  EXPECT_TRUE(node->TryPull(registry_->host() + "/damaged:1").ok());
}

TEST_F(ImageTest, AFullDiskFailsThePullAndNothingElse) {
  std::string disk = node_->directory() + "/disk";
  Shell("truncate -s 40M " + disk + ".img && mkfs.ext4 -q " + disk + ".img && mkdir " + disk +
        " && mount -o loop " + disk + ".img " + disk);
  {
    auto node =
        Node::Start({.registry = registry_->host(), .root = disk + "/root", .load_busybox = false});
    grpc::Status status = node->TryPull(registry_->host() + "/debian:12");
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(status.error_message(), HasSubstr("No space left"));
    cri::ListImagesResponse list;
    grpc::ClientContext context;
    EXPECT_TRUE(node->images().ListImages(&context, {}, &list).ok());
    EXPECT_EQ(list.images_size(), 0);
  }
  Shell("umount " + disk);
}

TEST_F(ImageTest, FsInfoCountsWhatIsThere) {
  ASSERT_TRUE(node_->TryPull(registry_->host() + "/debian:12").ok());
  cri::ImageFsInfoResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(node_->images().ImageFsInfo(&context, {}, &response).ok());
  ASSERT_GE(response.image_filesystems_size(), 1);
  EXPECT_GT(response.image_filesystems(0).used_bytes().value(), 50'000'000u);
  EXPECT_GT(response.image_filesystems(0).inodes_used().value(), 4'000u);
  EXPECT_GE(response.container_filesystems_size(), 1);
}

}  // namespace
}  // namespace onggi::testing
