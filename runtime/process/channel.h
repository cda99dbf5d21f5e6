// Channel: the messages between the runtime and a process that it makes. Fixed-size, one send each,
// so that a child can tell its failure without allocating.
//
// Scenario (init)       child                         parent
//                       kHooks, waits                 runs hooks, kProceed (with the child's pid)
//                       kTerminal + fd
//                       kReady, waits                 create is done
//                                                     kGo
//                       kExecuting, execve            end of file: start is done
// At any point the child may send kFailed and exit. End of file without kExecuting before it means
// that the child was killed.
//
// Thread-safety: one reader, one writer.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

enum class MessageKind : uint32_t {
  kProceed = 1,
  kHooks,
  kTerminal,
  kReady,
  kGo,
  kExecuting,
  kFailed,
  kMoved,  // the intermediate process tells the pid of the sibling that it made
};

// Where a child stood when it failed. The order is that of the isolation.
enum class Stage : uint32_t {
  kCaller,
  kCgroup,
  kNamespaces,
  kHost,
  kSysctl,
  kRoot,
  kMounts,
  kDevices,
  kTerminal,
  kMasks,
  kHooks,
  kPivot,
  kWait,
  kLimits,
  kUser,
  kCapabilities,
  kDirectory,
  kSeccomp,
  kExec,
};

struct Message {
  MessageKind kind = MessageKind::kProceed;
  Stage stage = Stage::kCaller;
  int32_t sys_errno = 0;
  uint32_t code = 0;  // of Error; 0 lets the reader choose
  int32_t pid = 0;
  char detail[492] = {};
};

// Blocking. Sending to a peer that is gone is an error, never a signal.
Result<> SendMessage(int fd, const Message& message, int pass_fd = -1);
struct ReceivedMessage {
  Message message;
  UniqueFd fd;
  bool closed = false;  // end of file
};
Result<ReceivedMessage> ReceiveMessage(int fd);

// Without allocation, result or log: for the last mile.
void SendFailure(int fd, Stage stage, int sys_errno, const char* detail);
Message FailureOf(Stage stage, const Error& error);

// The error that a kFailed message stands for.
Error ErrorOf(const Message& message);

}  // namespace onggi
