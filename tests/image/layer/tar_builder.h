// TarBuilder: tar streams for tests, well-formed or wrong in one chosen way. RecordingSink: a
// LayerSink that notes what it was told.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "image/layer/tar_header.h"
#include "image/layer/tar_pax.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

class TarBuilder {
 public:
  TarBuilder& Add(TarHeader header, std::string_view data = "") {
    header.size = data.size();
    return Raw(FormatTarHeader(header)).Padded(data);
  }
  TarBuilder& File(std::string name, std::string_view data = "", uint32_t mode = 0644) {
    return Add({.type = '0', .name = std::move(name), .mode = mode}, data);
  }
  TarBuilder& Dir(std::string name, uint32_t mode = 0755) {
    return Add({.type = '5', .name = std::move(name), .mode = mode});
  }
  TarBuilder& Symlink(std::string name, std::string target) {
    return Add(
        {.type = '2', .name = std::move(name), .link_name = std::move(target), .mode = 0777});
  }
  TarBuilder& HardLink(std::string name, std::string target) {
    return Add(
        {.type = '1', .name = std::move(name), .link_name = std::move(target), .mode = 0644});
  }
  TarBuilder& Pax(std::vector<std::pair<std::string, std::string>> records) {
    std::string body;
    for (const auto& [key, value] : records) body += FormatPaxRecord(key, value);
    return Add({.type = 'x', .name = "pax"}, body);
  }
  TarBuilder& Raw(std::string_view bytes) {
    out_.append(bytes);
    return *this;
  }
  TarBuilder& Padded(std::string_view data) {
    out_.append(data);
    out_.append((kTarBlock - data.size() % kTarBlock) % kTarBlock, '\0');
    return *this;
  }
  std::string End() const { return out_ + std::string(2 * kTarBlock, '\0'); }
  const std::string& unfinished() const { return out_; }

 private:
  std::string out_;
};

struct Recorded {
  std::string what;  // "add", "whiteout", "opaque"
  LayerEntry entry;
  std::string data;
};

class RecordingSink : public LayerSink {
 public:
  Result<> Add(const LayerEntry& entry) override {
    done.push_back({"add", entry, ""});
    return Ok();
  }
  Result<> Write(std::string_view bytes) override {
    done.back().data.append(bytes);
    return Ok();
  }
  Result<> Whiteout(const std::string& path) override { return Note("whiteout", path); }
  Result<> Opaque(const std::string& path) override { return Note("opaque", path); }
  Result<LayerUsage> Finish() override {
    finished = true;
    LayerUsage usage;
    for (const Recorded& one : done) usage.bytes += one.data.size();
    usage.inodes = done.size();
    return usage;
  }

  std::vector<Recorded> done;
  bool finished = false;

 private:
  Result<> Note(std::string what, const std::string& path) {
    Recorded note{std::move(what), {}, ""};
    note.entry.path = path;
    done.push_back(std::move(note));
    return Ok();
  }
};

}  // namespace onggi
