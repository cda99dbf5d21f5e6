// ArchiveFiles: the files of one archive while it is read: small documents in memory, everything
// else in the content store, links between them by name.
//
// Thread-safety: one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "image/content/content_store.h"
#include "image/layer/tar_reader.h"

namespace onggi {

class ArchiveFiles {
 public:
  explicit ArchiveFiles(ContentStore& store) : store_(store) {}

  // Takes every entry of TAR. InvalidArgument for names outside the archive, and for a blob that is
  // not what its name says (DataLoss).
  Result<> ReadAll(TarReader& tar, const CancelToken& cancel);

  // The document NAME ("manifest.json"), or null.
  const std::string* Document(std::string_view name) const;
  // The blob that NAME means, links followed inside the archive. NotFound.
  Result<BlobInfo> Blob(std::string_view name) const;

 private:
  Result<> Store(TarReader& tar, const std::string& name, const LayerEntry& entry);
  Result<> StoreNamed(TarReader& tar, const std::string& name, const Digest& digest);

  ContentStore& store_;
  std::map<std::string, std::string, std::less<>> documents_;
  std::map<std::string, BlobInfo, std::less<>> blobs_;
  std::map<std::string, std::string, std::less<>> links_;  // name -> name
};

// "./a//b/" -> "a/b". InvalidArgument when it climbs out.
Result<std::string> NormalizeArchiveName(std::string_view name);

}  // namespace onggi
