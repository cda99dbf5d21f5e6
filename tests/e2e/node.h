// Node: a daemon on a root, state, socket and bridge of its own, driven over gRPC as a kubelet does
// it.
//
//   auto node = Node::Start({});
//   std::string pod = node->RunPod(node->Pod("web"));
//   std::string c = node->Run(pod, node->Container("c", {"sleep", "1000"}));
//   EXPECT_EQ(node->Exec(c, {"echo", "hi"}).out, "hi\n");
//
// Calls that must succeed fail the test (ADD_FAILURE) with the daemon's message and answer an empty
// value. The destructor removes every pod, ends the daemon, and deletes the directories.
// Thread-safety: stubs may be used from any thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/temp_dir.h"
#include "proto/runtime/v1/api.grpc.pb.h"

namespace onggi::testing {

namespace cri = ::runtime::v1;

struct NodeOptions {
  bool builtin_network = true;
  std::string extra_config;  // further YAML, top-level keys
  std::string registry;      // "127.0.0.1:5000": spoken to by plain http
  std::string root;          // default: in the node's temporary directory
  bool load_busybox = true;  // "busybox:latest", loaded from an archive
};

struct ExecResult {
  std::string out;
  std::string err;
  int code = -1;
};

class Node {
 public:
  static std::unique_ptr<Node> Start(NodeOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  cri::RuntimeService::Stub& runtime() { return *runtime_; }
  cri::ImageService::Stub& images() { return *images_; }
  const std::string& directory() const { return dir_.path(); }
  const std::string& socket() const { return socket_; }
  const std::string& root() const { return root_; }
  const std::string& log_directory() const { return logs_; }
  pid_t daemon_pid() const { return daemon_->pid(); }

  // Configurations that a test then changes.
  cri::PodSandboxConfig Pod(const std::string& name) const;
  cri::ContainerConfig Container(const std::string& name,
                                 const std::vector<std::string>& command) const;

  // One call each; failures are test failures.
  std::string RunPod(const cri::PodSandboxConfig& config);
  std::string Create(const std::string& pod, const cri::ContainerConfig& config);
  void StartContainer(const std::string& id);
  std::string Run(const std::string& pod, const cri::ContainerConfig& config);  // create and start
  void Stop(const std::string& id, int64_t timeout_s);
  void Remove(const std::string& id);
  void StopPod(const std::string& id);
  void RemovePod(const std::string& id);
  ExecResult Exec(const std::string& id, const std::vector<std::string>& command,
                  int64_t timeout_s = 30);
  cri::ContainerStatus Status(const std::string& id);
  cri::PodSandboxStatus PodStatus(const std::string& id);
  // Waits until ID has ended, at most 20 s.
  cri::ContainerStatus WaitExited(const std::string& id);
  // The text of the container's log without the CRI prefix of each line.
  std::string Log(const std::string& id);
  // The message and code of a call that must fail.
  grpc::Status TryRunPod(const cri::PodSandboxConfig& config);
  grpc::Status TryCreate(const std::string& pod, const cri::ContainerConfig& config);
  grpc::Status TryStart(const std::string& id);
  grpc::Status TryPull(const std::string& reference, std::string* image_ref = nullptr);

  // Removes every pod: what tests end with before they compare the host.
  void RemoveAllPods();
  // kill -9, and a new daemon on the same directories that answers again.
  void KillDaemon();
  void StartDaemon();
  void StopDaemon();  // SIGTERM, waits
  // What the daemon wrote to its stderr so far.
  std::string DaemonLog() const;

 private:
  Node(NodeOptions options, TempDir dir);
  void WriteConfig();
  void Connect();
  bool LoadBusybox();

  NodeOptions options_;
  TempDir dir_;
  std::string socket_, root_, state_, logs_, bridge_;
  std::optional<ChildProcess> daemon_;
  std::unique_ptr<cri::RuntimeService::Stub> runtime_;
  std::unique_ptr<cri::ImageService::Stub> images_;
};

// The directory of the built programs (ONGGI_BIN, or beside the test program).
std::string BinDirectory();
// Runs a shell command; its stdout and stderr together. Fails the test when it does not end with 0.
std::string Shell(const std::string& command);

}  // namespace onggi::testing
