#include "runtime/client/monitor_connection.h"

#include <sys/socket.h>

#include "base/unix_socket.h"

namespace onggi {
namespace {

Error GoneError() {
  return Unavailable("the pod's monitor has gone");
}

constexpr int kSendSeconds = 30;

}  // namespace

Result<std::shared_ptr<MonitorConnection>> MonitorConnection::Make(UniqueFd socket) {
  timeval limit{.tv_sec = kSendSeconds};
  if (setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) {
    return SysError("setsockopt(SO_SNDTIMEO)");
  }
  std::shared_ptr<MonitorConnection> out(new MonitorConnection(std::move(socket)));
  TRY_ASSIGN(out->hub_, MonitorHub::Get());
  TRY_ASSIGN(out->hub_number_, out->hub_->Add(out->socket_.get(), out));
  return out;
}

MonitorConnection::~MonitorConnection() {
  if (hub_) hub_->Remove(hub_number_, socket_.get());
}

void MonitorConnection::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
    on_exit_ = nullptr;
    on_gone_ = nullptr;
  }
  hub_->Remove(hub_number_, socket_.get());
  (void)shutdown(socket_.get(), SHUT_RDWR);  // those who wait still hold us: end it for all
  Gone();
}

Result<uint64_t> MonitorConnection::Send(MonitorMessage request, std::span<const int> fds) {
  {
    MutexLock lock(mutex_);
    if (gone_) return GoneError();
    request.id = ++last_number_;
    pending_[request.id] = std::make_shared<Pending>();
  }
  std::string bytes = EncodeMonitorMessage(request);
  Result<> sent = Ok();
  {
    MutexLock lock(send_mutex_);
    sent = SendFrame(socket_.get(), bytes, fds);
    // A frame that went out in part can't be followed by another one.
    if (!sent) (void)shutdown(socket_.get(), SHUT_RDWR);
  }
  if (sent) return request.id;
  MutexLock lock(mutex_);
  pending_.erase(request.id);
  return GoneError();
}

Result<MonitorConnection::Answer> MonitorConnection::Await(
    uint64_t number, std::optional<std::chrono::milliseconds> patience) {
  auto deadline = std::chrono::steady_clock::now() + patience.value_or(std::chrono::hours(1));
  MutexLock lock(mutex_);
  auto found = pending_.find(number);
  CHECK(found != pending_.end());
  std::shared_ptr<Pending> pending = found->second;
  while (!pending->done && !pending->gone) {
    if (!patience) {
      pending->arrived.Wait(mutex_);
    } else if (!pending->arrived.WaitUntil(mutex_, deadline) && !pending->done && !pending->gone) {
      pending->forgotten = true;
      return DeadlineExceeded("the pod's monitor does not answer");
    }
  }
  pending_.erase(number);
  if (!pending->done) return GoneError();
  TRY(AnswerStatus(pending->answer.message));
  return std::move(pending->answer);
}

Result<MonitorConnection::Answer> MonitorConnection::Ask(
    MonitorMessage request, std::span<const int> fds,
    std::optional<std::chrono::milliseconds> patience) {
  TRY_ASSIGN(uint64_t number, Send(std::move(request), fds));
  return Await(number, patience);
}

void MonitorConnection::Forget(uint64_t number) {
  MutexLock lock(mutex_);
  auto found = pending_.find(number);
  if (found == pending_.end()) return;
  found->second->forgotten = true;
  if (found->second->done || found->second->gone) pending_.erase(found);
}

void MonitorConnection::Tell(MonitorMessage request) {
  auto number = Send(std::move(request), {});
  if (number) Forget(*number);
}

bool MonitorConnection::Readable() {
  // A few, so that one busy monitor leaves time for the others.
  for (int i = 0; i < 16; ++i) {
    auto frame = reader_.Next(socket_.get());
    if (!frame) {
      Gone();
      return false;
    }
    if (!frame->has_value()) return true;
    Take(std::move(**frame));
  }
  return true;
}

void MonitorConnection::Take(Frame frame) {
  auto message = DecodeMonitorMessage(frame.bytes);
  if (!message) return;  // without a number there is nobody to tell
  if (message->op == "exit") {
    auto exit = DecodeExit(message->body);
    if (!exit) return;  // the list still has it
    {
      MutexLock lock(mutex_);
      exits_.push_back(std::move(*exit));
    }
    return DeliverExits();
  }
  MutexLock lock(mutex_);
  auto found = pending_.find(message->id);
  if (found == pending_.end()) return;
  if (found->second->forgotten) {
    pending_.erase(found);
    return;
  }
  found->second->answer = {std::move(*message), std::move(frame.fds)};
  found->second->done = true;
  found->second->arrived.NotifyAll();
}

void MonitorConnection::DeliverExits() {
  while (true) {
    std::function<void(const ContainerExit&)> callback;
    ContainerExit exit;
    {
      MutexLock lock(mutex_);
      if (!on_exit_ || exits_.empty()) return;
      callback = on_exit_;
      exit = std::move(exits_.front());
      exits_.pop_front();
    }
    callback(exit);
  }
}

void MonitorConnection::Gone() {
  std::function<void()> callback;
  {
    MutexLock lock(mutex_);
    if (gone_) return;
    gone_ = true;
    for (auto& [number, pending] : pending_) {
      pending->gone = true;
      pending->arrived.NotifyAll();
    }
    std::erase_if(pending_, [](const auto& entry) { return entry.second->forgotten; });
    if (!end_expected_) callback = std::exchange(on_gone_, nullptr);
  }
  if (callback) callback();
}

void MonitorConnection::OnExit(std::function<void(const ContainerExit&)> callback) {
  {
    MutexLock lock(mutex_);
    on_exit_ = std::move(callback);
  }
  hub_->Post([self = shared_from_this()] { self->DeliverExits(); });
}

void MonitorConnection::OnGone(std::function<void()> callback) {
  MutexLock lock(mutex_);
  if (!gone_) {
    on_gone_ = std::move(callback);
    return;
  }
  if (end_expected_ || closed_ || !callback) return;
  hub_->Post(std::move(callback));
}

void MonitorConnection::AddExits(const std::vector<MonitoredContainer>& containers) {
  MutexLock lock(mutex_);
  // Before those that the monitor has told since.
  for (auto it = containers.rbegin(); it != containers.rend(); ++it) {
    if (it->exit) exits_.push_front(*it->exit);
  }
}

void MonitorConnection::ExpectEnd() {
  MutexLock lock(mutex_);
  end_expected_ = true;
}

}  // namespace onggi
