#include "image/layer/tar_writer.h"

#include "image/layer/tar_header.h"
#include "image/layer/tar_pax.h"
#include "image/layer/whiteout.h"

namespace onggi {
namespace {

constexpr size_t kNameBytes = 100;
constexpr int64_t kMaxId = 07777777;
constexpr uint64_t kMaxOctalSize = 077777777777;
constexpr int64_t kNano = 1'000'000'000;

char TypeFlag(EntryType type) {
  switch (type) {
    case EntryType::kRegular:
      return '0';
    case EntryType::kHardLink:
      return '1';
    case EntryType::kSymlink:
      return '2';
    case EntryType::kCharDevice:
      return '3';
    case EntryType::kBlockDevice:
      return '4';
    case EntryType::kDirectory:
      return '5';
    case EntryType::kFifo:
      return '6';
  }
  return '0';
}

uint64_t Padding(uint64_t size) {
  return (kTarBlock - size % kTarBlock) % kTarBlock;
}

TarHeader HeaderOf(const LayerEntry& entry) {
  TarHeader header;
  header.type = TypeFlag(entry.type);
  header.name = entry.path;
  header.link_name = entry.link_target;
  header.mode = entry.mode & 07777;
  header.uid = entry.uid;
  header.gid = entry.gid;
  header.size = entry.type == EntryType::kRegular ? entry.size : 0;
  header.mtime_s = entry.mtime_ns / kNano - (entry.mtime_ns % kNano < 0 ? 1 : 0);
  header.device_major = entry.device_major;
  header.device_minor = entry.device_minor;
  return header;
}

// Sorted by key, as the records of one header must be to be reproducible.
std::string PaxRecords(const TarHeader& header, const LayerEntry& entry) {
  std::map<std::string, std::string> records;
  if (header.name.size() > kNameBytes) records["path"] = header.name;
  if (header.link_name.size() > kNameBytes) records["linkpath"] = header.link_name;
  if (header.uid > kMaxId) records["uid"] = std::to_string(header.uid);
  if (header.gid > kMaxId) records["gid"] = std::to_string(header.gid);
  if (header.size > kMaxOctalSize) records["size"] = std::to_string(header.size);
  if (header.mtime_s < 0 || header.mtime_s > int64_t{kMaxOctalSize}) {
    records["mtime"] = std::to_string(header.mtime_s);
  }
  for (const auto& [name, value] : entry.xattrs) records["SCHILY.xattr." + name] = value;
  std::string text;
  for (const auto& [key, value] : records) text += FormatPaxRecord(key, value);
  return text;
}

// DIR/NAME, or NAME at the top.
std::string Below(std::string_view directory, std::string_view name) {
  while (directory.ends_with('/')) directory.remove_suffix(1);
  if (directory.empty() || directory == ".") return std::string(name);
  return std::string(directory).append("/").append(name);
}

}  // namespace

Result<> TarWriter::EndEntry() {
  if (left_ != 0) return FailedPrecondition("tar: file is shorter than announced");
  std::string zeros(padding_, '\0');
  padding_ = 0;
  return out_.Write(zeros);
}

Result<> TarWriter::Add(const LayerEntry& entry) {
  TRY(EndEntry());
  TarHeader header = HeaderOf(entry);
  std::string records = PaxRecords(header, entry);
  if (!records.empty()) {
    TarHeader pax{.type = 'x', .name = "pax", .mode = 0644, .size = records.size()};
    records.append(Padding(records.size()), '\0');
    TRY(out_.Write(FormatTarHeader(pax)));
    TRY(out_.Write(records));
  }
  TRY(out_.Write(FormatTarHeader(header)));
  left_ = header.size;
  padding_ = Padding(header.size);
  usage_.bytes += header.size;
  if (entry.type != EntryType::kHardLink) usage_.inodes += 1;
  return Ok();
}

Result<> TarWriter::Write(std::string_view bytes) {
  if (bytes.size() > left_) return FailedPrecondition("tar: file is longer than announced");
  left_ -= bytes.size();
  return out_.Write(bytes);
}

Result<> TarWriter::Whiteout(const std::string& path) {
  std::string_view rest = path;
  while (rest.ends_with('/')) rest.remove_suffix(1);
  size_t slash = rest.rfind('/');
  std::string_view directory = slash == std::string_view::npos ? "" : rest.substr(0, slash);
  std::string_view name = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
  LayerEntry entry;
  entry.path = Below(directory, std::string(kWhiteoutPrefix).append(name));
  return Add(entry);
}

Result<> TarWriter::Opaque(const std::string& path) {
  LayerEntry entry;
  entry.path = Below(path, kOpaqueName);
  return Add(entry);
}

Result<LayerUsage> TarWriter::Finish() {
  TRY(EndEntry());
  TRY(out_.Write(std::string(2 * kTarBlock, '\0')));
  return usage_;
}

}  // namespace onggi
