#include "runtime/monitor/output_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace onggi {
namespace {

// Kernel memory, taken only as far as it fills.
constexpr int kAttachPipeBytes = 256 << 10;

}  // namespace

OutputStream::~OutputStream() {
  Close();
  while (!attached_.empty()) Drop(attached_.front()->fd.get());
}

Result<> OutputStream::Start() {
  if (fcntl(source_.get(), F_SETFL, O_NONBLOCK) != 0) return SysError("fcntl(F_SETFL)");
  return Resume();
}

void OutputStream::Pause() {
  // Not "watch for nothing": a hang-up would be reported again and again.
  if (watching_) parts_.loop->Unwatch(source_.get());
  watching_ = false;
}

Result<> OutputStream::Resume() {
  if (watching_ || !source_.valid() || Waiting()) return Ok();
  TRY(parts_.loop->Watch(source_.get(), EPOLLIN, [this](uint32_t) { (void)ReadOnce(); }));
  watching_ = true;
  return Ok();
}

size_t OutputStream::ReadOnce() {
  if (!source_.valid()) return 0;
  ssize_t n = read(source_.get(), parts_.buffers->read, OutputBuffers::kReadBytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n <= 0) {  // EIO is how a terminal ends
    Close();
    return 0;
  }
  std::string_view chunk(parts_.buffers->read, static_cast<size_t>(n));
  parts_.log->Write(parts_.stream, chunk, parts_.buffers->batch);
  Forward(chunk);
  return chunk.size();
}

void OutputStream::Forward(std::string_view chunk) {
  std::vector<int> gone;
  for (auto& reader : attached_) {
    if (!reader->pending.empty()) {  // only while draining: bounded by the pipe that is drained
      reader->pending.append(chunk);
      continue;
    }
    ssize_t n = write(reader->fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno != EAGAIN) {
      gone.push_back(reader->fd.get());
      continue;
    }
    size_t done = n < 0 ? 0 : static_cast<size_t>(n);
    if (done == chunk.size()) continue;
    reader->pending.assign(chunk.substr(done));
    WaitFor(*reader);
  }
  for (int fd : gone) Drop(fd);
}

void OutputStream::WaitFor(Attached& reader) {
  int fd = reader.fd.get();
  Pause();
  reader.patience = parts_.loop->After(kPatience, [this, fd] { Drop(fd); });
  (void)parts_.loop->Change(fd, EPOLLOUT);  // it is watched: cannot fail
}

// FD can take more, or nobody reads it any longer.
void OutputStream::Flush(int fd) {
  auto found = std::find_if(attached_.begin(), attached_.end(),
                            [fd](const auto& reader) { return reader->fd.get() == fd; });
  if (found == attached_.end()) return;
  Attached& reader = **found;
  if (reader.pending.empty()) {  // an event without a reason to write: the read end is closed
    Drop(fd);
    return;
  }
  ssize_t n = write(fd, reader.pending.data(), reader.pending.size());
  if (n < 0) {
    if (errno != EAGAIN) Drop(fd);
    return;
  }
  reader.pending.erase(0, static_cast<size_t>(n));
  parts_.loop->Cancel(reader.patience);
  if (!reader.pending.empty()) {
    reader.patience = parts_.loop->After(kPatience, [this, fd] { Drop(fd); });
    return;
  }
  std::string().swap(reader.pending);
  if (!source_.valid()) {  // that was the last of it
    Drop(fd);
    return;
  }
  (void)parts_.loop->Change(fd, 0);
  if (!Resume()) Close();
}

bool OutputStream::Waiting() const {
  return std::any_of(attached_.begin(), attached_.end(),
                     [](const auto& reader) { return !reader->pending.empty(); });
}

void OutputStream::Drop(int fd) {
  auto found = std::find_if(attached_.begin(), attached_.end(),
                            [fd](const auto& reader) { return reader->fd.get() == fd; });
  if (found == attached_.end()) return;
  parts_.loop->Cancel((*found)->patience);
  parts_.loop->Unwatch(fd);
  attached_.erase(found);
  if (!Resume()) Close();  // without memory in the kernel to watch it, better an end than a hang
}

Result<UniqueFd> OutputStream::Attach() {
  TRY_ASSIGN(Pipe pipe, MakePipe());
  if (!source_.valid()) return std::move(pipe.read);
  if (fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK) != 0) return SysError("fcntl(F_SETFL)");
  (void)fcntl(pipe.write.get(), F_SETPIPE_SZ, kAttachPipeBytes);  // else the default size
  int fd = pipe.write.get();
  TRY(parts_.loop->Watch(fd, 0, [this, fd](uint32_t) { Flush(fd); }));
  attached_.push_back(std::make_unique<Attached>());
  attached_.back()->fd = std::move(pipe.write);
  return std::move(pipe.read);
}

void OutputStream::Drain() {
  int size = source_.valid() ? fcntl(source_.get(), F_GETPIPE_SZ) : 0;
  size_t left = size > 0 ? static_cast<size_t>(size) : OutputBuffers::kReadBytes;
  // A process that outlives the first one may go on writing: no more than a pipe holds is waited
  // for.
  while (true) {
    size_t n = ReadOnce();
    if (n == 0 || n >= left) return;
    left -= n;
  }
}

void OutputStream::Close() {
  if (!source_.valid()) return;
  parts_.log->Finish(parts_.stream, parts_.buffers->batch);
  Pause();
  source_.reset();
  // Those who are behind get the rest first; patience ends them at the latest.
  std::vector<int> done;
  for (auto& reader : attached_) {
    if (reader->pending.empty()) done.push_back(reader->fd.get());
  }
  for (int fd : done) Drop(fd);
}

}  // namespace onggi
