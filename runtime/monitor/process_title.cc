#include "runtime/monitor/process_title.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cstring>

namespace onggi {
namespace {

char* arguments = nullptr;
size_t arguments_bytes = 0;

}  // namespace

void InitProcessTitle(int argc, char** argv) {
  if (argc == 0) return;
  // The kernel lays the strings out one after another.
  arguments = argv[0];
  arguments_bytes = static_cast<size_t>(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
}

void SetProcessTitle(const char* title) {
  (void)prctl(PR_SET_NAME, title);  // cannot fail for a readable string
  if (arguments_bytes == 0) return;
  memset(arguments, 0, arguments_bytes);
  memcpy(arguments, title, std::min(strlen(title), arguments_bytes - 1));
}

}  // namespace onggi
