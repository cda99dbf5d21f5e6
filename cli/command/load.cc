#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/file_io.h"
#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"
#include "cli/output/human.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

constexpr size_t kPart = 512 << 10;

Result<> Load(Context& context, const std::string& input) {
  UniqueFd file;
  int fd = STDIN_FILENO;
  if (!input.empty() && input != "-") {
    TRY_ASSIGN(file, Open(input, O_RDONLY));
    fd = file.get();
  } else if (isatty(STDIN_FILENO) == 1) {
    return InvalidArgument("load reads an archive: name one with -i FILE, or redirect stdin");
  }
  TRY_ASSIGN(Client * client, context.Connect());
  v1::LoadResponse response;
  grpc::ClientContext call;
  auto writer = client->images().Load(&call, &response);
  std::string part(kPart, '\0');
  while (true) {
    ssize_t n = read(fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SysError("read(" + input + ")");
    if (n == 0) break;
    v1::LoadRequest request;
    request.set_data(part.data(), static_cast<size_t>(n));
    if (!writer->Write(request)) break;  // Finish tells why
  }
  (void)writer->WritesDone();  // likewise
  TRY(client->Check(writer->Finish()));
  if (context.json) {
    PrintJson(ToJson(response));
    return Ok();
  }
  for (const std::string& name : response.names()) Print("loaded " + FamiliarName(name) + "\n");
  if (response.names().empty()) {
    for (const std::string& id : response.image_ids()) Print("loaded " + id + "\n");
  }
  return Ok();
}

}  // namespace

void AddLoad(CLI::App& parent, Context& context) {
  auto input = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(parent, context,
                 {"load", "Take in images from an archive: docker-archive or OCI layout",
                  "  onggi load -i busybox.tar\n"
                  "  skopeo copy docker://busybox oci-archive:/dev/stdout | onggi load"},
                 [&context, input] { return Load(context, *input); });
  command->add_option("-i,--input", *input, "the archive; stdin when not given");
}

}  // namespace onggi::cli
