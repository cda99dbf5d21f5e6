// Print: the one way to stdout, and messages of the API as JSON.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace onggi::cli {

// A reader that is gone (head, less) is not an error.
void Print(std::string_view text);
void PrintError(std::string_view text);

// Field names as in the proto file, defaults included.
OrderedJson ToJson(const google::protobuf::Message& message);
// Indented, with a newline at the end.
void PrintJson(const OrderedJson& json);

}  // namespace onggi::cli
