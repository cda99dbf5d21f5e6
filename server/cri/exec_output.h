// What ExecSync does with its numbers. Thread-safety: free functions.
#pragma once

#include <chrono>
#include <optional>

#include "engine/engine.h"

namespace onggi {

// kubelet takes messages of at most 16 MiB; what stands beside the output is small.
inline constexpr size_t kMaxExecOutput = (16 << 20) - (64 << 10);

// Seconds as CRI has them: 0 is none, negative InvalidArgument.
Result<std::optional<std::chrono::milliseconds>> TimeoutOf(int64_t seconds);

// Cuts both streams so that together they fit: each keeps at least half when it needs it.
void CutToMessage(ExecOutput& output);

}  // namespace onggi
