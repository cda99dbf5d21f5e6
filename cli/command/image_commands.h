// The verbs of `onggi image`; each hangs itself below PARENT: the program, or the group.
#pragma once

#include "cli/context.h"

namespace CLI {
class App;
}

namespace onggi::cli {

void AddPull(CLI::App& parent, Context& context);
// NAME is "images" at the top and "ls" in the group.
void AddImages(CLI::App& parent, Context& context, const char* name);
// NAME is "rmi" at the top and "rm" in the group.
void AddRmi(CLI::App& parent, Context& context, const char* name);
void AddLoad(CLI::App& parent, Context& context);
void AddTag(CLI::App& parent, Context& context);
void AddHistory(CLI::App& parent, Context& context);
void AddImageInspect(CLI::App& parent, Context& context);

}  // namespace onggi::cli
