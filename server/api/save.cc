#include <unistd.h>

#include <thread>

#include "base/unique_fd.h"
#include "server/api/image_service.h"

namespace onggi {
namespace {

constexpr size_t kPartBytes = 256 << 10;

// False when the client has gone.
bool Pump(int fd, grpc::ServerWriter<v1::SaveResponse>& writer) {
  std::string buffer(kPartBytes, '\0');
  while (true) {
    ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    v1::SaveResponse part;
    part.set_data(buffer.data(), static_cast<size_t>(n));
    if (!writer.Write(part)) return false;
  }
}

Result<ArchiveFormat> FormatOf(const std::string& text) {
  if (text.empty() || text == "docker") return ArchiveFormat::kDocker;
  if (text == "oci") return ArchiveFormat::kOci;
  return InvalidArgument("format: expected docker or oci, found " + text);
}

}  // namespace

grpc::Status ImageApi::Save(grpc::ServerContext* context, const v1::SaveRequest* request,
                            grpc::ServerWriter<v1::SaveResponse>* writer) {
  return Serve({node_, context, "Save", "", RpcKind::kRead}, [&]() -> Result<> {
    TRY_ASSIGN(ImageVerbs * verbs, Verbs("Save"));
    TRY_ASSIGN(ArchiveFormat format, FormatOf(request->format()));
    std::vector<std::string> references(request->references().begin(), request->references().end());
    TRY_ASSIGN(Pipe pipe, MakePipe());
    Result<> saved = Ok();
    std::thread worker([&, fd = std::move(pipe.write)]() mutable {
      saved = verbs->Save(references, format, fd.get());
      fd.reset();
    });
    bool is_there = Pump(pipe.read.get(), *writer);
    pipe.read.reset();  // ends a Save whose reader has gone
    worker.join();
    if (!is_there) return Cancelled("the client has gone");
    return saved;
  });
}

}  // namespace onggi
