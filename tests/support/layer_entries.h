// LayerEntry values of each kind in one line, for tests that feed a LayerSink by hand.
#pragma once

#include <string>
#include <utility>

#include "snapshotter/layer_sink.h"

namespace onggi::testing {

inline LayerEntry EntryOf(EntryType type, std::string path, mode_t mode) {
  LayerEntry entry;
  entry.path = std::move(path);
  entry.type = type;
  entry.mode = mode;
  entry.mtime_ns = 1'700'000'000'000'000'000;
  return entry;
}

inline LayerEntry FileEntry(std::string path, mode_t mode = 0644) {
  return EntryOf(EntryType::kRegular, std::move(path), mode);
}
inline LayerEntry DirEntry(std::string path, mode_t mode = 0755) {
  return EntryOf(EntryType::kDirectory, std::move(path), mode);
}
inline LayerEntry SymlinkEntry(std::string path, std::string target) {
  LayerEntry entry = EntryOf(EntryType::kSymlink, std::move(path), 0777);
  entry.link_target = std::move(target);
  return entry;
}
inline LayerEntry HardLinkEntry(std::string path, std::string target) {
  LayerEntry entry = EntryOf(EntryType::kHardLink, std::move(path), 0644);
  entry.link_target = std::move(target);
  return entry;
}
inline LayerEntry CharEntry(std::string path, uint32_t major, uint32_t minor, mode_t mode = 0666) {
  LayerEntry entry = EntryOf(EntryType::kCharDevice, std::move(path), mode);
  entry.device_major = major;
  entry.device_minor = minor;
  return entry;
}
inline LayerEntry BlockEntry(std::string path, uint32_t major, uint32_t minor, mode_t mode = 0660) {
  LayerEntry entry = CharEntry(std::move(path), major, minor, mode);
  entry.type = EntryType::kBlockDevice;
  return entry;
}
inline LayerEntry FifoEntry(std::string path, mode_t mode = 0644) {
  return EntryOf(EntryType::kFifo, std::move(path), mode);
}

}  // namespace onggi::testing
