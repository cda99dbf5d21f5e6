#include "base/error.h"

#include <cstring>
#include <utility>

namespace onggi {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kCancelled:
      return "Cancelled";
    case Code::kUnknown:
      return "Unknown";
    case Code::kInvalidArgument:
      return "InvalidArgument";
    case Code::kDeadlineExceeded:
      return "DeadlineExceeded";
    case Code::kNotFound:
      return "NotFound";
    case Code::kAlreadyExists:
      return "AlreadyExists";
    case Code::kPermissionDenied:
      return "PermissionDenied";
    case Code::kResourceExhausted:
      return "ResourceExhausted";
    case Code::kFailedPrecondition:
      return "FailedPrecondition";
    case Code::kAborted:
      return "Aborted";
    case Code::kOutOfRange:
      return "OutOfRange";
    case Code::kUnimplemented:
      return "Unimplemented";
    case Code::kInternal:
      return "Internal";
    case Code::kUnavailable:
      return "Unavailable";
    case Code::kDataLoss:
      return "DataLoss";
    case Code::kUnauthenticated:
      return "Unauthenticated";
  }
  return "Unknown";
}

Error::Error(Code code, std::string message, int sys_errno)
    : rep_(std::make_unique<Rep>(Rep{code, sys_errno, std::move(message)})) {}

Error Error::Clone() const {
  return Error(rep_->code, rep_->message, rep_->sys_errno);
}

Error&& Error::Wrap(std::string_view what) && {
  rep_->message.insert(0, std::string(what) + ": ");
  return std::move(*this);
}

Error&& Error::WithCode(Code code) && {
  rep_->code = code;
  return std::move(*this);
}

Error SysError(std::string_view call, int err) {
  Code code = Code::kInternal;
  if (err == ENOSPC || err == EDQUOT || err == EMFILE || err == ENFILE || err == ENOMEM) {
    code = Code::kResourceExhausted;
  }
  // strerrordesc_np is thread-safe and knows no locale, unlike strerror.
  const char* text = strerrordesc_np(err);
  std::string message(call);
  message += ": ";
  message += text != nullptr ? text : "errno " + std::to_string(err);
  return Error(code, std::move(message), err);
}

Error NotFound(std::string message) {
  return Error(Code::kNotFound, std::move(message));
}
Error InvalidArgument(std::string message) {
  return Error(Code::kInvalidArgument, std::move(message));
}
Error FailedPrecondition(std::string message) {
  return Error(Code::kFailedPrecondition, std::move(message));
}
Error AlreadyExists(std::string message) {
  return Error(Code::kAlreadyExists, std::move(message));
}
Error Internal(std::string message) {
  return Error(Code::kInternal, std::move(message));
}
Error ResourceExhausted(std::string message) {
  return Error(Code::kResourceExhausted, std::move(message));
}
Error Unavailable(std::string message) {
  return Error(Code::kUnavailable, std::move(message));
}
Error Unimplemented(std::string message) {
  return Error(Code::kUnimplemented, std::move(message));
}
Error DeadlineExceeded(std::string message) {
  return Error(Code::kDeadlineExceeded, std::move(message));
}
Error Cancelled(std::string message) {
  return Error(Code::kCancelled, std::move(message));
}

}  // namespace onggi
