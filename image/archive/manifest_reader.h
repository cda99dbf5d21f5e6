// Turns the documents of an archive into ArchiveImages: the OCI layout's index and Docker's
// manifest.json.
//
// Thread-safety: any thread; blocks on the content store.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "image/archive/archive.h"
#include "image/archive/archive_files.h"

namespace onggi {

// The images of INDEX (the text of index.json) whose blobs are all here. Attestations and other
// artifacts are passed over.
Result<std::vector<ArchiveImage>> ImagesOfOciIndex(const std::string& index,
                                                   const ContentStore& store,
                                                   const ReadArchiveOptions& options);

// The images of MANIFEST (the text of manifest.json); their OCI manifests are made and stored.
Result<std::vector<ArchiveImage>> ImagesOfDockerManifest(const std::string& manifest,
                                                         const ArchiveFiles& files,
                                                         ContentStore& store);

}  // namespace onggi
