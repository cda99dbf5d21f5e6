// Error: why something failed, as a value.
//
// A Code says who has to act (the numbers are gRPC's status codes, asserted in
// server/cri/grpc_status.cc); sys_errno keeps the kernel's number for the few callers that branch
// on it; the message reads outermost first: "start container 3f2a: mount /proc: mount: Operation
// not permitted". Lower case, no full stop.
//
// Thread-safety: a value; movable between threads. Ownership: owns its message.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace onggi {

enum class Code : uint8_t {
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "NotFound", "InvalidArgument", ... as clients of gRPC know them.
std::string_view CodeName(Code code);

class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message, int sys_errno = 0);

  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;

  // Copies are rare (one failure told to several waiters), so they are spelled out.
  Error Clone() const;

  Code code() const { return rep_->code; }
  // The errno of the system call that failed; 0 when none did.
  int sys_errno() const { return rep_->sys_errno; }
  const std::string& message() const { return rep_->message; }

  // "what: old message". Add context where a name is known, once.
  Error&& Wrap(std::string_view what) &&;
  // The same failure under another code, where the edge knows better what it means.
  Error&& WithCode(Code code) &&;

 private:
  struct Rep {
    Code code;
    int sys_errno;
    std::string message;
  };
  std::unique_ptr<Rep> rep_;
};

// The one place where errno becomes a value: "call: strerror". ENOSPC, EDQUOT, EMFILE, ENFILE and
// ENOMEM give ResourceExhausted, everything else Internal: only code that looked something up or
// validated a request may say NotFound, AlreadyExists, InvalidArgument or FailedPrecondition.
Error SysError(std::string_view call, int err = errno);

Error NotFound(std::string message);
Error InvalidArgument(std::string message);
Error FailedPrecondition(std::string message);
Error AlreadyExists(std::string message);
Error Internal(std::string message);
Error ResourceExhausted(std::string message);
Error Unavailable(std::string message);
Error Unimplemented(std::string message);
Error DeadlineExceeded(std::string message);
Error Cancelled(std::string message);

}  // namespace onggi
