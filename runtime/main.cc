// onggi-runtime: the monitor of a pod, or one command of the OCI runtime command line.
#include <string_view>

#include "runtime/cmd/command.h"
#include "runtime/monitor/monitor_main.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "monitor") return onggi::MonitorMain(argc, argv);
  return onggi::RunCommandLine(argc, argv);
}
