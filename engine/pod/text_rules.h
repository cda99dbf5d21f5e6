// Grammars of the small texts in requests: names, paths, addresses, cpu lists. Shared by pods and
// containers.
//
// Thread-safety: free functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/pod/pod_config.h"

namespace onggi {

// "FIELD: VALUE is not allowed: RULE".
Error BadField(std::string_view field, std::string_view value, std::string_view rule);

bool HasControlBytes(std::string_view text);
bool IsIpAddress(const std::string& text);  // v4 or v6
// RFC 1123 with '_' allowed, at most 64 characters: what sethostname(2) takes.
bool IsHostname(std::string_view text);
// Absolute, no NUL, no "..", no component longer than 255, at most 4095 in all.
bool IsCleanAbsolutePath(std::string_view text);
// "a/b": the same without the leading slash, and not empty.
bool IsCleanRelativePath(std::string_view text);
// "0-3,7": numbers up to 8191, ordered ranges.
bool IsCpuList(std::string_view text);

// FIELD is the name of the whole ("linux.resources"); members are named in the error.
Result<> CheckResources(const std::string& field, const Resources& resources);
// Exactly one mapping each that holds container id 0, when mode is kPod; none with kNode.
Result<> CheckUserNamespace(const std::string& field, const UserNamespace& user);

}  // namespace onggi
