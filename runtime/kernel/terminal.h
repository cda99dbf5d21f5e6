// Terminals: a pair made in the container's own devpts. The slave is opened from the master
// (TIOCGPTPEER), never by its path, which belongs to the container (CVE-2025-52565).
//
// Thread-safety: free functions. Ownership: results own their fds.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct Terminal {
  UniqueFd master;
  UniqueFd slave;
};

// From "dev/pts/ptmx" below ROOT_FD, proved to be devpts. 0 leaves the size alone.
Result<Terminal> OpenTerminal(int root_fd, uint16_t width, uint16_t height);

// Covers /dev/console below ROOT_FD with the slave.
Result<> MountConsole(int root_fd, int slave_fd);

// Makes the slave the caller's controlling terminal; the caller leads its session.
Result<> TakeTerminal(int slave_fd);

// Sends the master to who listens at SOCKET_PATH (--console-socket): one SCM_RIGHTS message.
Result<> SendTerminal(const std::string& socket_path, int master_fd);

}  // namespace onggi
