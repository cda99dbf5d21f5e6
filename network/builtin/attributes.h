// Loops over netlink attributes: libmnl's own are macros that are C only.
#pragma once

#include <libmnl/libmnl.h>

namespace onggi {

// EACH(const nlattr*) for every attribute behind the HEADER's first OFFSET bytes of payload.
template <typename Each>
void ForEachAttribute(const nlmsghdr* header, size_t offset, Each each) {
  const auto* at = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(header, offset));
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(header));
  while (mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const char*>(at)))) {
    each(at);
    at = mnl_attr_next(at);
  }
}

// EACH(const nlattr*) for every attribute inside OUTER.
template <typename Each>
void ForEachNested(const nlattr* outer, Each each) {
  const auto* at = static_cast<const nlattr*>(mnl_attr_get_payload(outer));
  const auto* end = reinterpret_cast<const char*>(at) + mnl_attr_get_payload_len(outer);
  while (mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const char*>(at)))) {
    each(at);
    at = mnl_attr_next(at);
  }
}

}  // namespace onggi
