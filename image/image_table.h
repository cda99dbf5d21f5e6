// ImageTable: the tables of this room in the database: images, image_names, image_layers,
// image_leases (docs/IMAGES.md).
//
// Thread-safety: that of Database. Writers are called inside Database::InTransaction.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image_record.h"
#include "store/database.h"

namespace onggi {

struct LeaseRow {
  std::string owner;
  std::string target;  // an image id or a chain id
};

class ImageTable {
 public:
  // Brings the tables up to date.
  static Result<> Prepare(Database& database);
  explicit ImageTable(Database& database) : database_(database) {}

  Result<std::vector<ImageRecord>> Images();
  Result<std::map<std::string, std::string>> Names();  // name -> image id
  Result<std::vector<LeaseRow>> Leases();

  // Inserts or replaces, with its layers; names are left alone.
  Result<> PutImage(const ImageRecord& record);
  Result<> SetListed(const std::string& id, bool listed);
  Result<> SetDurable(const std::vector<std::string>& ids);
  // With its layers and names; leases stay.
  Result<> DeleteImage(const std::string& id);
  Result<> PutName(const std::string& name, const std::string& id);
  Result<> DeleteName(const std::string& name);
  Result<> DeleteNamesOf(const std::string& id);
  Result<> PutLease(const LeaseRow& lease);
  Result<> DeleteLeases(const std::string& owner);

 private:
  Database& database_;
};

}  // namespace onggi
