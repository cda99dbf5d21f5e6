#include <thread>

#include "base/file_io.h"
#include "base/unique_fd.h"
#include "server/api/image_service.h"

namespace onggi {
namespace {

// Bytes of the stream into PIPE until the client ends it or the reader of the pipe has had enough.
void Pump(grpc::ServerReader<v1::LoadRequest>& reader, UniqueFd pipe) {
  v1::LoadRequest part;
  bool is_wanted = true;
  while (reader.Read(&part)) {
    // EPIPE: the archive was refused. The rest is read and dropped, so that the client, which is
    // still sending, gets the reason instead of a broken stream.
    if (is_wanted) is_wanted = WriteAll(pipe.get(), part.data()).has_value();
    if (!is_wanted) pipe.reset();
  }
}

}  // namespace

grpc::Status ImageApi::Load(grpc::ServerContext* context,
                            grpc::ServerReader<v1::LoadRequest>* reader,
                            v1::LoadResponse* response) {
  return Serve({node_, context, "Load"}, [&]() -> Result<> {
    TRY_ASSIGN(Pipe pipe, MakePipe());
    std::thread pump([&, fd = std::move(pipe.write)]() mutable { Pump(*reader, std::move(fd)); });
    Result<std::vector<std::string>> ids = node_.images.Load(pipe.read.get());
    pipe.read.reset();
    pump.join();
    if (!ids) return std::move(ids.error());
    if (context->IsCancelled()) return Cancelled("the client has gone");
    for (const std::string& id : *ids) {
      response->add_image_ids(id);
      // It may be removed again already; its id is the answer all the same.
      Result<Image> image = node_.images.Find(id);
      if (!image) continue;
      for (const std::string& name : image->repo_tags) response->add_names(name);
    }
    return Ok();
  });
}

}  // namespace onggi
