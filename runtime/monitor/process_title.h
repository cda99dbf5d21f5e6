// What ps and /proc/PID/{comm,cmdline} show for this process.
//
// Thread-safety: one thread.
#pragma once

namespace onggi {

// Remembers where the arguments are. Call once, from main.
void InitProcessTitle(int argc, char** argv);
// TITLE is cut to the room that the arguments leave (and comm to 15 characters).
void SetProcessTitle(const char* title);

}  // namespace onggi
