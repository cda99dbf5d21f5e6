// The pod monitor's program: "onggi-runtime monitor", started by MonitorClient::Spawn.
//
// fd 3 is the connection to whoever spawned it; its first message is the set-up of the pod
// (runtime/client/monitor_protocol.h). Everything else is in docs/MONITOR.md.
//
// Thread-safety: the process must have one thread. Blocks until the monitor ends. Returns the exit
// code: 0 after Shutdown, 1 when the set-up failed (the reason went through fd 3), 64 when it was
// started by hand.
#pragma once

namespace onggi {

int MonitorMain(int argc, char** argv);

}  // namespace onggi
