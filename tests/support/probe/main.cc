// onggi_probe [PART...]: prints the parts (default: all but "syscalls") as one JSON document.
#include <cstdio>
#include <string_view>

#include "tests/support/probe/probe.h"

using onggi::Json;

int main(int argc, char** argv) {
  struct Part {
    std::string_view name;
    Json (*take)();
    bool by_default;
  };
  static constexpr Part kParts[] = {{"identity", &onggi::probe::Identity, true},
                                    {"namespaces", &onggi::probe::Namespaces, true},
                                    {"mounts", &onggi::probe::Mounts, true},
                                    {"descriptors", &onggi::probe::Descriptors, true},
                                    {"paths", &onggi::probe::Paths, true},
                                    {"devices", &onggi::probe::Devices, true},
                                    {"arguments", &onggi::probe::Arguments, true},
                                    {"syscalls", &onggi::probe::Syscalls, false}};
  Json document = Json::object();
  for (const Part& part : kParts) {
    bool wanted = argc == 1 && part.by_default;
    for (int i = 1; i < argc; ++i) wanted = wanted || part.name == argv[i];
    if (wanted) document[std::string(part.name)] = part.take();
  }
  (void)printf("%s\n", onggi::DumpJson(document).c_str());
  return 0;
}
