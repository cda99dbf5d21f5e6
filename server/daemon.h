// Daemon: every object of the node, built in order and taken down in reverse. No object reaches
// another but through what is passed here.
//
// Thread-safety: one thread; Run returns after SIGTERM or SIGINT.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"

namespace onggi {

struct DaemonOptions {
  std::string config_file;
  bool config_must_exist = false;
};

class Daemon {
 public:
  // Opens everything up to the socket; pods of an earlier daemon are found again. SIGTERM, SIGINT
  // and SIGHUP must be blocked in every thread.
  static Result<std::unique_ptr<Daemon>> Start(const DaemonOptions& options, Config config);
  ~Daemon();

  // Serves. Pods live on when it returns.
  void Run();

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace onggi
