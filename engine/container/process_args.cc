#include "engine/container/process_args.h"

#include <csignal>
#include <cstring>

#include <algorithm>

#include "base/strings.h"

namespace onggi {
namespace {

constexpr char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void SetVariable(std::vector<std::string>& env, const std::string& key, const std::string& value) {
  std::string prefix = key + "=";
  for (std::string& entry : env) {
    if (entry.compare(0, prefix.size(), prefix) == 0) {
      entry = prefix + value;
      return;
    }
  }
  env.push_back(prefix + value);
}

bool HasVariable(const std::vector<std::string>& env, const std::string& key) {
  std::string prefix = key + "=";
  return std::any_of(env.begin(), env.end(), [&](const std::string& entry) {
    return entry.compare(0, prefix.size(), prefix) == 0;
  });
}

int RealtimeSignal(std::string_view text) {
  // "RTMIN+n" and "RTMAX-n" by the kernel's numbers; libc keeps 32 and 33 for itself.
  int base = text.rfind("RTMIN", 0) == 0 ? 34 : text.rfind("RTMAX", 0) == 0 ? 64 : 0;
  if (base == 0) return 0;
  std::string_view rest = text.substr(5);
  if (rest.empty()) return base;
  auto offset = ParseUint(rest.substr(1));
  if (!offset || *offset > 30) return 0;
  if (base == 34 && rest[0] == '+') return base + static_cast<int>(*offset);
  if (base == 64 && rest[0] == '-') return base - static_cast<int>(*offset);
  return 0;
}

}  // namespace

Result<std::vector<std::string>> ResolveArgs(const ContainerConfig& config,
                                             const ImageConfig& image) {
  std::vector<std::string> args = config.command;
  if (args.empty()) args = image.entrypoint;
  const std::vector<std::string>& tail =
      !config.args.empty() || !config.command.empty() ? config.args : image.command;
  args.insert(args.end(), tail.begin(), tail.end());
  if (args.empty() || (args.size() == 1 && args[0].empty())) {
    return InvalidArgument(
        "command: nothing to run: neither the container nor the image names a command");
  }
  return args;
}

std::vector<std::string> ResolveEnvironment(const EnvironmentInput& input) {
  std::vector<std::string> env;
  for (const std::string& entry : input.image->env) {
    size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0 || entry.find('\0') != std::string::npos) {
      continue;
    }
    SetVariable(env, entry.substr(0, equals), entry.substr(equals + 1));
  }
  for (const auto& [key, value] : input.config->envs) SetVariable(env, key, value);
  std::vector<std::string> defaults;
  if (!HasVariable(env, "PATH")) defaults.push_back(std::string("PATH=") + kDefaultPath);
  if (!HasVariable(env, "HOSTNAME") && !input.hostname.empty()) {
    defaults.push_back("HOSTNAME=" + input.hostname);
  }
  if (input.config->tty && !HasVariable(env, "TERM")) defaults.emplace_back("TERM=xterm");
  env.insert(env.begin(), defaults.begin(), defaults.end());
  if (!HasVariable(env, "HOME")) env.push_back("HOME=" + input.home);
  return env;
}

Result<std::string> ResolveWorkingDir(const ContainerConfig& config, const ImageConfig& image) {
  std::string dir = !config.working_dir.empty() ? config.working_dir : image.working_dir;
  if (dir.empty()) return std::string("/");
  if (dir.front() != '/') {
    return InvalidArgument("working_dir: " + Quote(dir) + " is not allowed: an absolute path");
  }
  return dir;
}

int ParseSignal(const std::string& text) {
  if (auto number = ParseUint(text))
    return *number >= 1 && *number <= 64 ? static_cast<int>(*number) : 0;
  std::string name;
  for (char c : text) name += static_cast<char>(toupper(static_cast<unsigned char>(c)));
  if (name.rfind("SIG", 0) == 0) name = name.substr(3);
  for (int number = 1; number < 32; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  if (name == "POLL") return SIGPOLL;
  if (name == "CLD") return SIGCHLD;
  return RealtimeSignal(name);
}

}  // namespace onggi
