// Catalog: all listed images at one moment, immutable, so that readers need no lock.
//
// Thread-safety: immutable after construction.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image_record.h"
#include "image/reference.h"

namespace onggi {

class Catalog {
 public:
  using Entry = std::shared_ptr<const StoredImage>;

  Catalog() = default;
  Catalog(std::map<std::string, Entry> images, std::map<std::string, std::string> names)
      : images_(std::move(images)), names_(std::move(names)) {}

  const std::map<std::string, Entry>& images() const { return images_; }  // by id
  const std::map<std::string, std::string>& names() const { return names_; }

  // By id, name, digest, or a prefix of an id (in this order). NotFound; InvalidArgument when TEXT
  // is no reference, or begins several ids.
  Result<Entry> Find(const std::string& text) const;
  // By a name only: what Untag takes away. NotFound.
  Result<std::string> FindName(const std::string& text) const;

 private:
  Entry ByDigest(const std::string& digest, const Reference* reference) const;
  Result<Entry> ByPrefix(const std::string& hex, const std::string& text) const;

  std::map<std::string, Entry> images_;
  std::map<std::string, std::string> names_;  // normal form -> id
};

}  // namespace onggi
