// Any bytes as a layer: no crash, no endless loop, bounded output, and no name that climbs out ever
// reaches the sink.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "image/layer/apply.h"

namespace onggi {
namespace {

void CheckPath(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) abort();
  while (true) {
    size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") abort();
    if (slash == std::string_view::npos) return;
    path.remove_prefix(slash + 1);
  }
}

class CheckingSink : public LayerSink {
 public:
  Result<> Add(const LayerEntry& entry) override {
    if (left_ != 0) abort();  // less data than was announced
    CheckPath(entry.path);
    if (entry.type == EntryType::kHardLink) CheckPath(entry.link_target);
    for (const auto& xattr : entry.xattrs) {
      if (xattr.first.starts_with("trusted.overlay.")) abort();
    }
    left_ = entry.size;
    return Ok();
  }
  Result<> Write(std::string_view bytes) override {
    if (bytes.empty() || bytes.size() > left_) abort();
    left_ -= bytes.size();
    return Ok();
  }
  Result<> Whiteout(const std::string& path) override {
    CheckPath(path);
    return Ok();
  }
  Result<> Opaque(const std::string& path) override {
    CheckPath(path);
    return Ok();
  }
  Result<LayerUsage> Finish() override {
    if (left_ != 0) abort();
    return LayerUsage{};
  }

 private:
  uint64_t left_ = 0;
};

}  // namespace
}  // namespace onggi

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  onggi::StringSource source({reinterpret_cast<const char*>(data), size});
  onggi::CheckingSink sink;
  onggi::ApplyOptions options;
  options.limits.free_bytes = 4 << 20;
  options.limits.max_ratio = 100;
  options.tar_limits.max_hole_bytes = 4 << 20;
  (void)onggi::ApplyLayer(source, sink, options);  // any answer but a crash will do
  return 0;
}
