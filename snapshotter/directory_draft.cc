#include "snapshotter/directory_draft.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"
#include "snapshotter/inode_attributes.h"

namespace onggi {
namespace {

// PATH as the stack of LAYERS shows it: the highest layer that says anything of it decides. None
// when it is no directory there.
Result<UniqueFd> FindBelow(const std::vector<UniqueFd>& layers, const std::string& path) {
  for (const UniqueFd& layer : layers) {
    auto found = RootedPath(layer.get())
                     .OpenNoLinks(path.empty() ? "/" : path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (found) return found;
    // ENOTDIR and ELOOP: a whiteout, file or link hides what lies deeper.
    if (found.error().sys_errno() != ENOENT) return UniqueFd();
  }
  return UniqueFd();
}

Result<> AdoptAttributes(const DirectorySink& sink, const std::vector<std::string>& below) {
  std::vector<UniqueFd> layers;
  for (const std::string& path : below) {
    TRY_ASSIGN(UniqueFd layer, Open(path, O_PATH | O_DIRECTORY));
    layers.push_back(std::move(layer));
  }
  RootedPath root(sink.root_fd());
  for (const std::string& path : sink.implied_directories()) {
    TRY_ASSIGN(UniqueFd from, FindBelow(layers, path));
    if (!from.valid()) continue;
    auto to = root.OpenNoLinks(path.empty() ? "/" : path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!to) continue;  // a later entry replaced it
    TRY(CopyDirectoryAttributes(from.get(), to->get()).Wrap(Quote(path)));
  }
  return Ok();
}

}  // namespace

Result<> CopyDirectoryAttributes(int from, int to) {
  struct stat st {};
  if (fstatat(from, "", &st, AT_EMPTY_PATH) != 0) return SysError("fstat");
  TRY(SetOwnerAndMode(to, st.st_uid, st.st_gid, st.st_mode & 07777));
  TRY_ASSIGN(Xattrs xattrs, InodeXattrs(from));
  auto acl = xattrs.find(kDefaultAclXattr);
  if (acl != xattrs.end()) TRY(SetXattr(to, kDefaultAclXattr, acl->second));
  TRY(SetInodeXattrs(to, xattrs));
  return SetInodeTimes(to, NanosOf(st.st_mtim));
}

std::string FilesOf(const LayerStore& store, const SnapshotRow& row) {
  return store.PathOf(row) + "/fs";
}

Result<std::vector<std::string>> FilesOfStack(LayerStore& store, const std::string& name) {
  TRY_ASSIGN(std::vector<SnapshotRow> rows, store.table().Stack(name));
  std::vector<std::string> paths;
  paths.reserve(rows.size());
  for (const SnapshotRow& row : rows) paths.push_back(FilesOf(store, row));
  return paths;
}

Result<std::unique_ptr<LayerDraft>> DirectoryDraft::Begin(LayerStore& store) {
  TRY_ASSIGN(LayerStore::Claim claim, store.MakeDirectory());
  std::string files = claim.path() + "/fs";
  if (mkdir(files.c_str(), 0755) != 0) return SysError("mkdir(" + files + ")");
  TRY_ASSIGN(UniqueFd fd, Open(files, O_RDONLY | O_DIRECTORY));
  TRY(SetOwnerAndMode(fd.get(), 0, 0, 0755));
  return std::unique_ptr<LayerDraft>(new DirectoryDraft(std::move(claim), std::move(fd)));
}

Result<> DirectoryDraft::Commit(LayerStore& store, std::unique_ptr<LayerDraft> draft,
                                const std::string& chain_id, const std::string& parent) {
  auto* directory = dynamic_cast<DirectoryDraft*>(draft.get());
  CHECK(directory != nullptr);
  TRY_ASSIGN(std::vector<std::string> below, FilesOfStack(store, parent));
  SnapshotRow row;
  TRY_ASSIGN(row.info.usage, directory->sink_.Finish());
  TRY(AdoptAttributes(directory->sink_, below));
  row.info.kind = SnapshotInfo::Kind::kCommitted;
  row.info.name = chain_id;
  row.info.parent = parent;
  return store.Record(std::move(directory->claim_), std::move(row));
}

}  // namespace onggi
