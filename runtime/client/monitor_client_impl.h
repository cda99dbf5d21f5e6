// The one MonitorClient there is: a connection and what the monitor said about itself. Internal to
// runtime/client.
//
// Thread-safety: as MonitorClient.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/client/monitor_client.h"
#include "runtime/client/monitor_connection.h"

namespace onggi {

class MonitorClientImpl : public MonitorClient {
 public:
  MonitorClientImpl(std::shared_ptr<MonitorConnection> connection, MonitorIdentity identity)
      : connection_(std::move(connection)), identity_(std::move(identity)) {
    connection_->AddExits(identity_.containers);
    std::vector<MonitoredContainer>().swap(identity_.containers);
  }
  ~MonitorClientImpl() override;

  pid_t pid() const override { return identity_.pid; }
  void OnExit(std::function<void(const ContainerExit&)> callback) override {
    connection_->OnExit(std::move(callback));
  }
  void OnGone(std::function<void()> callback) override { connection_->OnGone(std::move(callback)); }
  std::string NamespacePath(const std::string& type) const override;

  Result<pid_t> Create(const ContainerCreate& request) override;
  Result<> Start(const std::string& id) override;
  Result<> Signal(const std::string& id, int signal) override;
  Result<> Delete(const std::string& id) override;
  Result<std::vector<MonitoredContainer>> List() override;

  Result<ExecHandle> Exec(const ExecRequest& request) override;
  Result<int> WaitExec(const std::string& exec_id, std::optional<std::chrono::milliseconds> timeout,
                       const CancelToken& cancel) override;
  Result<ExecSyncResult> ExecSync(const ExecSyncRequest& request,
                                  const CancelToken& cancel) override;
  Result<> SignalExec(const std::string& exec_id, int signal) override;

  Result<AttachHandle> Attach(const std::string& id) override;
  Result<> Resize(const std::string& target, uint16_t width, uint16_t height) override;
  Result<> ReopenLog(const std::string& id) override;
  Result<> CloseStdin(const std::string& id) override;
  Result<> Shutdown() override;

 private:
  Result<> Plain(MonitorMessage request);

  std::shared_ptr<MonitorConnection> connection_;
  MonitorIdentity identity_;
};

}  // namespace onggi
