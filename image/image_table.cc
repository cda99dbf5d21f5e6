#include "image/image_table.h"

namespace onggi {
namespace {

constexpr std::string_view kVersion1 = R"(
CREATE TABLE images(
  id TEXT PRIMARY KEY, manifest_digest TEXT NOT NULL, manifest_type TEXT NOT NULL,
  size INTEGER NOT NULL, listed INTEGER NOT NULL, boot_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE image_names(name TEXT PRIMARY KEY, image_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX image_names_by_image ON image_names(image_id);
CREATE TABLE image_layers(
  image_id TEXT NOT NULL, position INTEGER NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
  media_type TEXT NOT NULL, diff_id TEXT NOT NULL, chain_id TEXT NOT NULL,
  PRIMARY KEY(image_id, position)) WITHOUT ROWID;
CREATE TABLE image_leases(
  owner TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY(owner, target)) WITHOUT ROWID;
)";

Result<> Done(Result<int64_t> changed) {
  TRY(std::move(changed));
  return Ok();
}

}  // namespace

Result<> ImageTable::Prepare(Database& database) {
  return database.Migrate("image", {{.version = 1, .sql = kVersion1}});
}

Result<std::vector<ImageRecord>> ImageTable::Images() {
  std::vector<ImageRecord> records;
  std::map<std::string, size_t> index;
  TRY(database_.Query(
      "SELECT id, manifest_digest, manifest_type, size, listed, boot_id FROM images", {},
      [&](const Row& row) -> Result<> {
        index[row.Text(0)] = records.size();
        records.push_back({.id = row.Text(0),
                           .manifest_digest = row.Text(1),
                           .manifest_type = row.Text(2),
                           .size = static_cast<uint64_t>(row.Int(3)),
                           .listed = row.Int(4) != 0,
                           .boot_id = row.Text(5)});
        return Ok();
      }));
  TRY(database_.Query(
      "SELECT image_id, digest, size, media_type, diff_id, chain_id FROM image_layers "
      "ORDER BY image_id, position",
      {}, [&](const Row& row) -> Result<> {
        auto found = index.find(row.Text(0));
        if (found == index.end()) return Ok();
        records[found->second].layers.push_back({.digest = row.Text(1),
                                                 .size = static_cast<uint64_t>(row.Int(2)),
                                                 .media_type = row.Text(3),
                                                 .diff_id = row.Text(4),
                                                 .chain_id = row.Text(5)});
        return Ok();
      }));
  return records;
}

Result<std::map<std::string, std::string>> ImageTable::Names() {
  std::map<std::string, std::string> names;
  TRY(database_.Query("SELECT name, image_id FROM image_names", {},
                      [&](const Row& row) -> Result<> {
                        names[row.Text(0)] = row.Text(1);
                        return Ok();
                      }));
  return names;
}

Result<std::vector<LeaseRow>> ImageTable::Leases() {
  std::vector<LeaseRow> leases;
  TRY(database_.Query("SELECT owner, target FROM image_leases", {},
                      [&](const Row& row) -> Result<> {
                        leases.push_back({row.Text(0), row.Text(1)});
                        return Ok();
                      }));
  return leases;
}

Result<> ImageTable::PutImage(const ImageRecord& record) {
  TRY(database_.Execute(
      "INSERT OR REPLACE INTO images VALUES(?, ?, ?, ?, ?, ?)",
      {record.id, record.manifest_digest, record.manifest_type, static_cast<int64_t>(record.size),
       int64_t{record.listed}, record.boot_id}));
  TRY(database_.Execute("DELETE FROM image_layers WHERE image_id = ?", {record.id}));
  int64_t position = 0;
  for (const LayerRecord& layer : record.layers) {
    TRY(database_.Execute("INSERT INTO image_layers VALUES(?, ?, ?, ?, ?, ?, ?)",
                          {record.id, position++, layer.digest, static_cast<int64_t>(layer.size),
                           layer.media_type, layer.diff_id, layer.chain_id}));
  }
  return Ok();
}

Result<> ImageTable::SetListed(const std::string& id, bool listed) {
  return Done(
      database_.Execute("UPDATE images SET listed = ? WHERE id = ?", {int64_t{listed}, id}));
}

Result<> ImageTable::SetDurable(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    TRY(database_.Execute("UPDATE images SET boot_id = '' WHERE id = ?", {id}));
  }
  return Ok();
}

Result<> ImageTable::DeleteImage(const std::string& id) {
  TRY(DeleteNamesOf(id));
  TRY(database_.Execute("DELETE FROM image_layers WHERE image_id = ?", {id}));
  return Done(database_.Execute("DELETE FROM images WHERE id = ?", {id}));
}

Result<> ImageTable::PutName(const std::string& name, const std::string& id) {
  return Done(database_.Execute("INSERT OR REPLACE INTO image_names VALUES(?, ?)", {name, id}));
}

Result<> ImageTable::DeleteName(const std::string& name) {
  return Done(database_.Execute("DELETE FROM image_names WHERE name = ?", {name}));
}

Result<> ImageTable::DeleteNamesOf(const std::string& id) {
  return Done(database_.Execute("DELETE FROM image_names WHERE image_id = ?", {id}));
}

Result<> ImageTable::PutLease(const LeaseRow& lease) {
  return Done(database_.Execute("INSERT OR REPLACE INTO image_leases VALUES(?, ?)",
                                {lease.owner, lease.target}));
}

Result<> ImageTable::DeleteLeases(const std::string& owner) {
  return Done(database_.Execute("DELETE FROM image_leases WHERE owner = ?", {owner}));
}

}  // namespace onggi
