#include <chrono>
#include <thread>

#include "engine/logs/log_reader.h"
#include "server/api/container_service.h"
#include "server/api/find_container.h"
#include "server/rpc.h"

namespace onggi {
namespace {

constexpr std::chrono::milliseconds kFollowPeriod{50};
constexpr size_t kChunkBytes = 256 << 10;

// Collects lines of one stream into messages of a good size.
class ChunkWriter {
 public:
  explicit ChunkWriter(grpc::ServerWriter<v1::LogChunk>& writer) : writer_(writer) {}

  // False when the client is gone.
  bool Add(const LogLine& line) {
    if (!chunk_.data().empty() &&
        (chunk_.is_stderr() != line.is_stderr || chunk_.data().size() > kChunkBytes)) {
      if (!Flush()) return false;
    }
    if (chunk_.data().empty()) {
      chunk_.set_timestamp_ns(line.timestamp_ns);
      chunk_.set_is_stderr(line.is_stderr);
    }
    chunk_.mutable_data()->append(line.content);
    if (!line.partial) chunk_.mutable_data()->push_back('\n');
    return true;
  }
  bool Flush() {
    if (chunk_.data().empty()) return true;
    bool alive = writer_.Write(chunk_);
    chunk_.Clear();
    return alive;
  }

 private:
  grpc::ServerWriter<v1::LogChunk>& writer_;
  v1::LogChunk chunk_;
};

Result<> Send(Engine& engine, const v1::LogsRequest& request, const ContainerStatus& container,
              ChunkWriter& chunks, const CancelToken& cancel) {
  TRY_ASSIGN(LogReader reader, LogReader::Open(container.log_path));
  if (request.tail() >= 0) TRY(reader.SeekToTail(request.tail()));
  bool ended = !request.follow();
  while (true) {
    TRY_ASSIGN(std::optional<LogLine> line, reader.Next());
    if (line.has_value()) {
      if (line->timestamp_ns < request.since_ns()) continue;
      if (request.until_ns() > 0 && line->timestamp_ns >= request.until_ns()) break;
      if (!chunks.Add(*line)) return Cancelled("the client has gone");
      continue;
    }
    if (!chunks.Flush()) return Cancelled("the client has gone");
    if (ended) break;
    TRY(cancel.Check());
    // What was written before the end is read once more after the end was seen.
    auto status = engine.GetContainer(container.id);
    ended = !status.has_value() || (status->state != ContainerState::kRunning &&
                                    status->state != ContainerState::kCreated);
    if (!ended) std::this_thread::sleep_for(kFollowPeriod);
  }
  if (!chunks.Flush()) return Cancelled("the client has gone");
  return Ok();
}

}  // namespace

grpc::Status ContainerApi::Logs(grpc::ServerContext* context, const v1::LogsRequest* request,
                                grpc::ServerWriter<v1::LogChunk>* writer) {
  return Serve({node_, context, "Logs", request->container(), RpcKind::kRead},
               [&](const CancelToken& cancel) -> Result<> {
                 TRY_ASSIGN(ContainerStatus container,
                            FindContainer(node_.engine, request->container()));
                 if (container.log_path.empty()) {
                   return FailedPrecondition("container " + request->container() + " keeps no log");
                 }
                 ChunkWriter chunks(*writer);
                 return Send(node_.engine, *request, container, chunks, cancel);
               });
}

}  // namespace onggi
