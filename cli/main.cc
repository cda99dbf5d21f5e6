// onggi: images, containers and pods at a terminal. See cli/command for the verbs.
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>

#include "cli/command/command.h"
#include "cli/context.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

constexpr const char* kDefaultSocket = "/run/onggi/onggi.sock";

void AddGlobalOptions(CLI::App& app, Context& context, std::string& output) {
  const char* socket = getenv("ONGGI_SOCKET");
  context.socket = socket != nullptr && *socket != '\0' ? socket : kDefaultSocket;
  app.add_option("--socket", context.socket, "the daemon's socket (or ONGGI_SOCKET)");
  app.add_option("-o,--output", output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->each([&context](const std::string& value) { context.json = value == "json"; });
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Examples:\n"
      "  onggi pull busybox\n"
      "  onggi run -d --name web -p 8080:80 nginx\n"
      "  onggi ps\n"
      "  onggi logs -f web\n"
      "\nonggi COMMAND --help shows the options and examples of a command.");
}

int Main(int argc, char** argv) {
  (void)signal(SIGPIPE, SIG_IGN);  // a closed pipe is a write error, not a death
  Context context;
  std::string output = "table";
  CLI::App app("Containers, images and pods on this node", "onggi");
  AddGlobalOptions(app, context, output);
  AddContainerCommands(app, context);
  AddImageCommands(app, context);
  AddPodCommands(app, context);
  AddSystemCommands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (context.failure.has_value()) {
    PrintError("onggi: " + context.failure->message() + "\n");
    return context.exit_code != 0 ? context.exit_code : 1;
  }
  return context.exit_code;
}

}  // namespace
}  // namespace onggi::cli

int main(int argc, char** argv) {
  return onggi::cli::Main(argc, argv);
}
