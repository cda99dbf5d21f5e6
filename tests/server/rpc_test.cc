// The services over a real gRPC server, in this process, on the daemon's own listener.
#include "server/rpc.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "base/file_io.h"
#include "base/json.h"
#include "base/temp_dir.h"
#include "base/unix_socket.h"
#include "server/cri/image_service.h"
#include "server/cri/runtime_service.h"
#include "server/listener.h"
#include "tests/server/fake_engine.h"

namespace onggi {
namespace {

class RpcTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::Make();
    ASSERT_TRUE(dir.has_value());
    dir_.emplace(std::move(dir).value());
    grpc::ServerBuilder builder;
    builder.RegisterService(&runtime_service_);
    builder.RegisterService(&image_service_);
    builder.SetMaxReceiveMessageSize(16 << 20);
    server_ = builder.BuildAndStart();
    socket_ = dir_->path() + "/run/onggi.sock";
    auto listener = Listener::Open(socket_, "");
    ASSERT_TRUE(listener.has_value()) << listener.error().message();
    listener_.emplace(std::move(listener).value());
    accepting_ = std::thread([this] { listener_->Run(*server_, peers_); });
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    channel_ =
        grpc::CreateCustomChannel("unix:" + socket_, grpc::InsecureChannelCredentials(), arguments);
    runtime_ = cri::RuntimeService::NewStub(channel_);
    images_stub_ = cri::ImageService::NewStub(channel_);
  }
  void TearDown() override {
    engine_.bus.Close();
    listener_->Stop();
    accepting_.join();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  }

  std::optional<TempDir> dir_;
  Config config_;
  testing::FakeEngine engine_;
  testing::FakeImages images_;
  testing::FakeNetwork network_;
  testing::FakeSnapshotter snapshotter_;
  CallWatch calls_;
  Peers peers_;
  Node node_{config_, engine_, images_, network_, snapshotter_, calls_, peers_};
  CriRuntimeService runtime_service_{node_};
  CriImageService image_service_{node_};
  std::unique_ptr<grpc::Server> server_;
  std::string socket_;
  std::optional<Listener> listener_;
  std::thread accepting_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<cri::RuntimeService::Stub> runtime_;
  std::unique_ptr<cri::ImageService::Stub> images_stub_;
};

TEST_F(RpcTest, VersionIsWhatKubeletAccepts) {
  grpc::ClientContext context;
  cri::VersionResponse response;
  ASSERT_TRUE(runtime_->Version(&context, {}, &response).ok());
  EXPECT_EQ(response.version(), "0.1.0");
  EXPECT_EQ(response.runtime_name(), "onggi");
  EXPECT_FALSE(response.runtime_version().empty());
  EXPECT_EQ(response.runtime_api_version(), "v1");
}

TEST_F(RpcTest, RpcsThatAreNotOfferedNameThemselves) {
  grpc::ClientContext context;
  cri::CheckpointContainerResponse response;
  grpc::Status status = runtime_->CheckpointContainer(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::UNIMPLEMENTED);
  EXPECT_NE(status.error_message().find("CheckpointContainer"), std::string::npos);
}

TEST_F(RpcTest, UnknownMethodsAreUnimplemented) {
  grpc::internal::RpcMethod method("/runtime.v1.RuntimeService/Nonsense",
                                   grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  cri::VersionRequest request;
  cri::VersionResponse response;
  grpc::Status status =
      grpc::internal::BlockingUnaryCall<cri::VersionRequest, cri::VersionResponse,
                                        grpc::protobuf::MessageLite, grpc::protobuf::MessageLite>(
          channel_.get(), method, &context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::UNIMPLEMENTED);
}

TEST_F(RpcTest, ErrorsKeepCodeAndMessage) {
  grpc::ClientContext context;
  cri::StartContainerRequest request;
  request.set_container_id("c1");
  cri::StartContainerResponse response;
  grpc::Status status = runtime_->StartContainer(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "container c1: it runs");
}

TEST_F(RpcTest, ADeadlineReachesTheHandlerAsACancellation) {
  engine_.wait_for_cancel = true;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  cri::RunPodSandboxRequest request;
  request.mutable_config()->mutable_metadata()->set_name("p");
  cri::RunPodSandboxResponse response;
  grpc::Status status = runtime_->RunPodSandbox(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::DEADLINE_EXCEEDED);
  for (int i = 0; i < 1000 && engine_.cancelled == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(engine_.cancelled, 1);
}

TEST_F(RpcTest, AClientThatGoesCancelsItsCall) {
  engine_.wait_for_cancel = true;
  grpc::ClientContext context;
  std::thread going([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    context.TryCancel();
  });
  cri::RunPodSandboxRequest request;
  request.mutable_config()->mutable_metadata()->set_name("p");
  cri::RunPodSandboxResponse response;
  EXPECT_EQ(runtime_->RunPodSandbox(&context, request, &response).error_code(), grpc::CANCELLED);
  going.join();
  for (int i = 0; i < 1000 && engine_.cancelled == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(engine_.cancelled, 1);
}

TEST_F(RpcTest, RequestsPast16MiBAreRefused) {
  grpc::ClientContext context;
  cri::ExecSyncRequest request;
  request.add_cmd(std::string((16 << 20) + 1, 'a'));
  cri::ExecSyncResponse response;
  EXPECT_EQ(runtime_->ExecSync(&context, request, &response).error_code(),
            grpc::RESOURCE_EXHAUSTED);
}

TEST_F(RpcTest, ExecSyncHandsOnTimeoutAndExitCode) {
  cri::ExecSyncRequest request;
  request.add_cmd("echo");
  request.add_cmd("hi");
  cri::ExecSyncResponse response;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(runtime_->ExecSync(&context, request, &response).ok());
    EXPECT_EQ(response.stdout(), "echo\nhi\n");
    EXPECT_EQ(response.exit_code(), 3);
    EXPECT_FALSE(engine_.last_exec_timeout.has_value());
  }
  request.set_timeout(2);
  {
    grpc::ClientContext context;
    ASSERT_TRUE(runtime_->ExecSync(&context, request, &response).ok());
    EXPECT_EQ(engine_.last_exec_timeout, std::chrono::milliseconds(2000));
  }
  request.set_timeout(-1);
  grpc::ClientContext context;
  EXPECT_EQ(runtime_->ExecSync(&context, request, &response).error_code(), grpc::INVALID_ARGUMENT);
}

TEST_F(RpcTest, StopContainerTakesAnyTimeout) {
  for (auto [given, used] : {std::pair<int64_t, int64_t>{-5, 0}, {0, 0}, {30, 30}}) {
    grpc::ClientContext context;
    cri::StopContainerRequest request;
    request.set_timeout(given);
    cri::StopContainerResponse response;
    ASSERT_TRUE(runtime_->StopContainer(&context, request, &response).ok());
    EXPECT_EQ(engine_.last_timeout.count(), used);
  }
  grpc::ClientContext context;
  cri::StopContainerRequest request;
  request.set_timeout(INT64_MAX);
  cri::StopContainerResponse response;
  ASSERT_TRUE(runtime_->StopContainer(&context, request, &response).ok());
  EXPECT_GT(engine_.last_timeout, std::chrono::hours(24 * 365));
}

TEST_F(RpcTest, StatusTellsConditionsHandlersAndInfo) {
  grpc::ClientContext context;
  cri::StatusRequest request;
  request.set_verbose(true);
  cri::StatusResponse response;
  ASSERT_TRUE(runtime_->Status(&context, request, &response).ok());
  ASSERT_EQ(response.status().conditions_size(), 2);
  EXPECT_EQ(response.status().conditions(0).type(), "RuntimeReady");
  EXPECT_TRUE(response.status().conditions(0).status());
  EXPECT_EQ(response.status().conditions(1).type(), "NetworkReady");
  EXPECT_FALSE(response.status().conditions(1).status());
  EXPECT_EQ(response.status().conditions(1).message(), "no conflist in /etc/cni/net.d");
  ASSERT_EQ(response.runtime_handlers_size(), 2);
  EXPECT_EQ(response.runtime_handlers(0).name(), "");
  EXPECT_EQ(response.runtime_handlers(1).name(), "crun");
  EXPECT_TRUE(response.features().supplemental_groups_policy());
  for (const char* key : {"config", "network", "node"}) {
    ASSERT_EQ(response.info().count(key), 1u) << key;
    EXPECT_TRUE(ParseJson(response.info().at(key)).has_value()) << key;
  }
}

TEST_F(RpcTest, RuntimeConfigTellsTheDriverInUse) {
  for (bool systemd : {false, true}) {
    engine_.systemd = systemd;
    grpc::ClientContext context;
    cri::RuntimeConfigResponse response;
    ASSERT_TRUE(runtime_->RuntimeConfig(&context, {}, &response).ok());
    EXPECT_EQ(response.linux().cgroup_driver(), systemd ? cri::SYSTEMD : cri::CGROUPFS);
  }
}

TEST_F(RpcTest, StreamsComeInPartsAndNeverEmpty) {
  auto parts = [&] {
    grpc::ClientContext context;
    auto reader = runtime_->StreamPodSandboxes(&context, {});
    cri::StreamPodSandboxesResponse part;
    std::vector<int> sizes;
    while (reader->Read(&part)) sizes.push_back(part.pod_sandboxes_size());
    EXPECT_TRUE(reader->Finish().ok());
    return sizes;
  };
  EXPECT_EQ(parts(), std::vector<int>{});
  for (int i = 0; i < 2500; ++i) {
    std::string id = std::to_string(i);
    engine_.pods[id].id = id;
  }
  EXPECT_EQ(parts(), (std::vector<int>{1000, 1000, 500}));
}

TEST_F(RpcTest, EventsArriveAfterTheSubscription) {
  grpc::ClientContext context;
  auto reader = runtime_->GetContainerEvents(&context, {});
  reader->WaitForInitialMetadata();  // sent when the subscription stands
  Event event;
  event.type = Event::Type::kStopped;
  event.id = "c1";
  event.timestamp_ns = 5;
  engine_.bus.Publish(event);
  cri::ContainerEventResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.container_id(), "c1");
  EXPECT_EQ(message.container_event_type(), cri::CONTAINER_STOPPED_EVENT);
  EXPECT_EQ(message.created_at(), 5);
  engine_.bus.Close();
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(RpcTest, AMissingImageIsSuccessWithoutAnImage) {
  auto ask = [&](const std::string& name, cri::ImageStatusResponse* response) {
    grpc::ClientContext context;
    cri::ImageStatusRequest request;
    request.mutable_image()->set_image(name);
    request.set_verbose(true);
    return images_stub_->ImageStatus(&context, request, response);
  };
  cri::ImageStatusResponse response;
  EXPECT_TRUE(ask("nothing", &response).ok());
  EXPECT_FALSE(response.has_image());
  EXPECT_EQ(ask("", &response).error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(ask("ambiguous", &response).error_code(), grpc::INVALID_ARGUMENT);
  Image image;
  image.id = "sha256:aa";
  image.size_bytes = 9;
  images_.images = {image};
  ASSERT_TRUE(ask("sha256:aa", &response).ok());
  EXPECT_EQ(response.image().id(), "sha256:aa");
  EXPECT_EQ(response.image().size(), 9u);
  EXPECT_EQ(response.info().count("info"), 1u);
}

TEST_F(RpcTest, PullAnswersTheIdAndKeepsKubeletsSentinels) {
  cri::PullImageRequest request;
  request.mutable_image()->set_image("busybox");
  request.mutable_auth()->set_username("u");
  request.mutable_auth()->set_password("p");
  cri::PullImageResponse response;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(images_stub_->PullImage(&context, request, &response).ok());
    EXPECT_EQ(response.image_ref(), "sha256:aa");
    ASSERT_TRUE(images_.last_pull.auth.has_value());
    EXPECT_EQ(images_.last_pull.auth->password.Reveal(), "p");
  }
  request.mutable_image()->set_image("gone");
  grpc::ClientContext context;
  grpc::Status status = images_stub_->PullImage(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::UNKNOWN);
  EXPECT_EQ(status.error_message().rfind("RegistryUnavailable", 0), 0u);
}

TEST_F(RpcTest, ImageFsInfoNamesBothFilesystems) {
  grpc::ClientContext context;
  cri::ImageFsInfoResponse response;
  ASSERT_TRUE(images_stub_->ImageFsInfo(&context, {}, &response).ok());
  ASSERT_EQ(response.image_filesystems_size(), 1);
  EXPECT_EQ(response.image_filesystems(0).used_bytes().value(), 1234u);
  EXPECT_EQ(response.image_filesystems(0).timestamp(), 7);
  ASSERT_EQ(response.container_filesystems_size(), 1);
  EXPECT_EQ(response.container_filesystems(0).fs_id().mountpoint(), "/var/lib/onggi");
}

TEST_F(RpcTest, TheSocketIsForRootAndItsGroupOnly) {
  struct stat info {};
  ASSERT_EQ(stat(socket_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0660u);
}

TEST_F(RpcTest, ASecondListenerIsRefusedNamingTheFirst) {
  auto second = Listener::Open(socket_, "");
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message().find("process " + std::to_string(getpid())),
            std::string::npos);
}

TEST_F(RpcTest, ThePeersUidIsKnown) {
  auto connection = ConnectUnix(socket_);
  ASSERT_TRUE(connection.has_value());
  EXPECT_EQ(peers_.UidOf("ipv4:1.2.3.4:5"), "?");
  grpc::ClientContext context;
  cri::VersionResponse response;
  ASSERT_TRUE(runtime_->Version(&context, {}, &response).ok());
  bool known = false;
  for (int fd = 0; fd < 1000; ++fd) {
    known |= peers_.UidOf("fd:" + std::to_string(fd)) == std::to_string(getuid());
  }
  EXPECT_TRUE(known);
}

TEST(Listener, RemovesTheSocketOfADeadDaemonButNothingElse) {
  auto dir = TempDir::Make();
  ASSERT_TRUE(dir.has_value());
  std::string path = dir->path() + "/s";
  { auto dead = ListenUnix(path, 0600); }  // the file stays
  ASSERT_TRUE(PathExists(path));
  EXPECT_TRUE(Listener::Open(path, "").has_value());
  ASSERT_TRUE(WriteFileAtomic(path, "precious").has_value());
  auto refused = Listener::Open(path, "");
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(PathExists(path));
  EXPECT_EQ(Listener::Open(dir->path() + "/t", "no-such-group").error().code(),
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace onggi
