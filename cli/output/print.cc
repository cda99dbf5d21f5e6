#include "cli/output/print.h"

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include "base/file_io.h"

namespace onggi::cli {

void Print(std::string_view text) {
  (void)WriteAll(STDOUT_FILENO, text);
}

void PrintError(std::string_view text) {
  (void)WriteAll(STDERR_FILENO, text);
}

OrderedJson ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return {};
  return OrderedJson::parse(text, nullptr, false);
}

void PrintJson(const OrderedJson& json) {
  Print(DumpJson(json, 2) + "\n");
}

}  // namespace onggi::cli
