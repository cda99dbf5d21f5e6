// onggid: the daemon.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.h"
#include "config/load.h"
#include "config/print.h"
#include "server/daemon.h"
#include "server/log_level.h"

namespace onggi {
namespace {

// sysexits.h: the configuration is wrong, and a restart won't help.
constexpr int kExitConfig = 78;

int Fail(const Error& error, int code) {
  fprintf(stderr, "onggid: %s\n", error.message().c_str());
  return code;
}

int CheckConfig(const DaemonOptions& options) {
  Result<Config> config = LoadConfig(options.config_file, options.config_must_exist);
  if (!config) return Fail(config.error(), kExitConfig);
  fputs(PrintConfig(*config).c_str(), stdout);
  return 0;
}

// Before the first thread: each inherits what is set here.
void PrepareProcess() {
  umask(0022);
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int Serve(const DaemonOptions& options) {
  Result<Config> config = LoadConfig(options.config_file, options.config_must_exist);
  if (!config) return Fail(config.error(), kExitConfig);
  if (geteuid() != 0) {
    fprintf(stderr, "onggid: must be root: namespaces, mounts and cgroups need it\n");
    return 1;
  }
  SetLogLevel(LogLevelOf(config->log_level));
  PrepareProcess();
  auto daemon = Daemon::Start(options, std::move(*config));
  if (!daemon) return Fail(daemon.error(), 1);
  (*daemon)->Run();
  return 0;
}

}  // namespace
}  // namespace onggi

int main(int argc, char** argv) {
  CLI::App app("The daemon of Onggi: serves the Kubernetes CRI and onggi on a Unix socket.",
               "onggid");
  onggi::DaemonOptions options;
  options.config_file = onggi::kDefaultConfigFile;
  CLI::Option* file =
      app.add_option("--config", options.config_file, "configuration file")->capture_default_str();
  app.set_version_flag("--version", "onggid " ONGGI_VERSION);
  app.require_subcommand(0, 1);
  CLI::App* config = app.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand(
      "check", "Read the files as the daemon would; print what is in force, or the first error");
  CLI::App* defaults = config->add_subcommand(
      "default", "Print a configuration file with every key and its meaning");
  check->fallthrough();
  config->fallthrough();
  CLI11_PARSE(app, argc, argv);
  options.config_must_exist = file->count() > 0;
  if (defaults->parsed()) {
    fputs(onggi::PrintConfig(onggi::Config{}).c_str(), stdout);
    return 0;
  }
  if (check->parsed()) return onggi::CheckConfig(options);
  return onggi::Serve(options);
}
