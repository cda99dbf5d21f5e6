// StreamItems: a list as several messages, none empty and none larger than a client that was not
// told otherwise takes (4 MiB).
//
// Thread-safety: one thread.
#pragma once

#include <grpcpp/support/sync_stream.h>

#include <vector>

#include "base/result.h"

namespace onggi {

inline constexpr size_t kStreamPartItems = 1000;
inline constexpr size_t kStreamPartBytes = 1 << 20;

// ADD puts one item into a part. Cancelled when the client has gone.
template <typename Item, typename Part, typename Add>
Result<> StreamItems(const std::vector<Item>& items, grpc::ServerWriterInterface<Part>& writer,
                     Add add) {
  Part part;
  size_t in_part = 0;
  for (const Item& item : items) {
    add(item, part);
    ++in_part;
    // Sizes are counted now and then: counting walks the whole part.
    bool is_full = in_part >= kStreamPartItems ||
                   (in_part % 32 == 0 && part.ByteSizeLong() >= kStreamPartBytes);
    if (!is_full) continue;
    if (!writer.Write(part, grpc::WriteOptions())) return Cancelled("the client has gone");
    part.Clear();
    in_part = 0;
  }
  if (in_part > 0 && !writer.Write(part, grpc::WriteOptions())) {
    return Cancelled("the client has gone");
  }
  return Ok();
}

}  // namespace onggi
