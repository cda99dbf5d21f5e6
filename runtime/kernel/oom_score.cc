#include "runtime/kernel/oom_score.h"

#include <string>

namespace onggi {

Result<> SetOomScoreAdj(const Procfs& procfs, int value) {
  Result<> written = procfs.Write("self/oom_score_adj", std::to_string(value));
  if (!written && written.error().sys_errno() == EACCES && value < 0) return Ok();
  return written;
}

}  // namespace onggi
