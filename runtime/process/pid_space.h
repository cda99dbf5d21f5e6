// PidSpace: for a moment, our children are born in another pid namespace (setns on a pid namespace
// acts on children only; pid_namespaces(7)).
//
// Thread-safety: one thread. The destructor goes back to our own.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class PidSpace {
 public:
  // FD is a pid namespace or a pidfd of a process in it; -1 changes nothing.
  static Result<PidSpace> Enter(int fd);
  PidSpace(PidSpace&& other) noexcept : own_(std::move(other.own_)) {}
  ~PidSpace();

 private:
  explicit PidSpace(UniqueFd own) : own_(std::move(own)) {}
  UniqueFd own_;
};

}  // namespace onggi
