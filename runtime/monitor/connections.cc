#include "runtime/monitor/connections.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/unix_socket.h"

namespace onggi {
namespace {

std::string Framed(std::string_view bytes) {
  auto length = static_cast<uint32_t>(bytes.size());
  std::string out(sizeof length, '\0');
  memcpy(out.data(), &length, sizeof length);
  out += bytes;
  return out;
}

// One sendmsg without waiting. 0 when the socket is full, -1 when the peer has gone.
ssize_t SendSome(int socket, std::string_view bytes, const std::vector<UniqueFd>& fds) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFrameFds)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    for (size_t i = 0; i < fds.size(); ++i) {
      int fd = fds[i].get();
      memcpy(CMSG_DATA(header) + i * sizeof fd, &fd, sizeof fd);
    }
  }
  ssize_t n;
  do {
    n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return 0;
  return n;
}

}  // namespace

void Responder::Answer(Json body, std::span<const int> fds) const {
  if (connections_ == nullptr) return;
  connections_->Send(connection_, EncodeAnswer(request_, std::move(body)), fds);
}

void Responder::Fail(const Error& error) const {
  if (connections_ == nullptr) return;
  connections_->Send(connection_, EncodeError(request_, error), {});
}

void Responder::Finish(const Result<>& result) const {
  if (result) {
    Answer(Json::object());
  } else {
    Fail(result.error());
  }
}

Connections::~Connections() {
  for (auto& [number, connection] : open_) loop_->Unwatch(connection->socket.get());
  if (listener_.valid()) loop_->Unwatch(listener_.get());
}

Result<> Connections::Listen(UniqueFd listener) {
  listener_ = std::move(listener);
  return loop_->Watch(listener_.get(), EPOLLIN, [this](uint32_t) { Accept(); });
}

void Connections::Accept() {
  auto socket = AcceptUnix(listener_.get());
  if (!socket) return;  // it went again, or we are out of descriptors: the peer sees no answer
  auto uid = PeerUid(socket->get());
  if (!uid || *uid != geteuid()) return;
  (void)Adopt(std::move(*socket));  // on failure it is closed, which the peer sees
}

Result<uint64_t> Connections::Adopt(UniqueFd socket) {
  uint64_t number = ++last_;
  auto connection = std::make_unique<Connection>();
  connection->socket = std::move(socket);
  TRY(loop_->Watch(connection->socket.get(), EPOLLIN,
                   [this, number](uint32_t events) { Ready(number, events); }));
  open_[number] = std::move(connection);
  return number;
}

void Connections::Subscribe(uint64_t connection) {
  auto found = open_.find(connection);
  if (found != open_.end()) found->second->subscribed = true;
}

void Connections::Broadcast(const MonitorMessage& event) {
  std::string bytes = EncodeMonitorMessage(event);
  std::vector<uint64_t> numbers;
  for (const auto& [number, connection] : open_) {
    if (connection->subscribed) numbers.push_back(number);
  }
  for (uint64_t number : numbers) Send(number, bytes, {});
}

void Connections::Ready(uint64_t number, uint32_t events) {
  auto found = open_.find(number);
  if (found == open_.end()) return;
  if ((events & EPOLLOUT) != 0 && !Flush(*found->second)) return Close(number);
  // A few, so that a busy peer leaves time for the others.
  for (int i = 0; i < 8 && ReadOne(number); ++i) {
  }
}

bool Connections::ReadOne(uint64_t number) {
  auto found = open_.find(number);
  if (found == open_.end()) return false;
  auto frame = found->second->reader.Next(found->second->socket.get());
  if (!frame) {
    Close(number);
    return false;
  }
  if (!frame->has_value()) return false;
  auto message = DecodeMonitorMessage((*frame)->bytes);
  if (!message) {
    // Without a number there is nobody to tell.
    Close(number);
    return false;
  }
  Request request;
  request.responder = Responder(this, number, message->id);
  request.message = std::move(*message);
  request.fds = std::move((*frame)->fds);
  callbacks_.request(std::move(request));
  return true;
}

void Connections::Send(uint64_t number, std::string bytes, std::span<const int> fds) {
  auto found = open_.find(number);
  if (found == open_.end()) return;
  Connection& connection = *found->second;
  Outgoing out;
  out.bytes = Framed(bytes);
  for (int fd : fds) {
    UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!copy.valid()) return Close(number);  // an answer without its fds would be a lie
    out.fds.push_back(std::move(copy));
  }
  connection.queued_bytes += out.bytes.size();
  connection.queue.push_back(std::move(out));
  if (connection.queued_bytes > kMaxQueuedBytes || !Flush(connection)) Close(number);
}

bool Connections::Flush(Connection& connection) {
  while (!connection.queue.empty()) {
    Outgoing& out = connection.queue.front();
    ssize_t n =
        SendSome(connection.socket.get(), std::string_view(out.bytes).substr(out.done), out.fds);
    if (n < 0) return false;
    if (n == 0) break;
    out.fds.clear();  // they went with the first byte
    out.done += static_cast<size_t>(n);
    if (out.done < out.bytes.size()) continue;
    connection.queued_bytes -= out.bytes.size();
    connection.queue.pop_front();
  }
  uint32_t events = connection.queue.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
  return loop_->Change(connection.socket.get(), events).has_value();
}

void Connections::Close(uint64_t number) {
  auto found = open_.find(number);
  if (found == open_.end()) return;
  loop_->Unwatch(found->second->socket.get());
  open_.erase(found);
  callbacks_.closed(number);
}

}  // namespace onggi
