#include "store/statement.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace onggi {
namespace {

// Far above the number of different texts in the tree: a guard, not a policy.
constexpr size_t kMaxIdle = 256;

int BindValue(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, index);
}

Code CodeOf(int rc, int sys_errno) {
  switch (rc & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Code::kResourceExhausted;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      // SQLite says FULL only for a short write; mmap of the wal-index and ftruncate fail as these.
      return SysError("", sys_errno).code();
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kDataLoss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::kUnavailable;
    case SQLITE_CONSTRAINT:
      return rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_UNIQUE
                 ? Code::kAlreadyExists
                 : Code::kInternal;
    default:
      return Code::kInternal;
  }
}

}  // namespace

Error SqlError(sqlite3* db, int rc, std::string_view what) {
  int sys_errno = db != nullptr ? sqlite3_system_errno(db) : 0;
  Code code = CodeOf(rc, sys_errno);
  std::string message(what);
  message += ": ";
  message += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
  if ((rc & 0xff) == SQLITE_FULL) sys_errno = ENOSPC;
  bool from_kernel =
      (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_FULL;
  if (!from_kernel) sys_errno = 0;  // SQLite keeps the number of an earlier, handled failure
  const char* text = sys_errno != 0 ? strerrordesc_np(sys_errno) : nullptr;
  if (text != nullptr) message += std::string(" (") + text + ")";
  if (code == Code::kDataLoss) message += "; onggi fsck says what is damaged";
  return Error(code, std::move(message), sys_errno);
}

LentStatement::~LentStatement() {
  if (statement_ != nullptr) cache_->TakeBack(std::move(sql_), statement_);
}

Result<> LentStatement::Bind(std::initializer_list<SqlValue> values) {
  int index = 0;
  for (const SqlValue& value : values) {
    int rc = BindValue(statement_, ++index, value);
    if (rc != SQLITE_OK) return SqlError(sqlite3_db_handle(statement_), rc, sql_);
  }
  return Ok();
}

Result<LentStatement> StatementCache::Lend(sqlite3* db, std::string_view sql) {
  std::string key(sql);
  auto found = idle_.find(key);
  if (found != idle_.end()) {
    sqlite3_stmt* statement = found->second;
    idle_.erase(found);
    return LentStatement(this, std::move(key), statement);
  }
  sqlite3_stmt* statement = nullptr;
  int rc = sqlite3_prepare_v3(db, key.c_str(), static_cast<int>(key.size()),
                              SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (rc != SQLITE_OK) return SqlError(db, rc, key);
  CHECK(statement != nullptr);  // an empty text is our own mistake
  return LentStatement(this, std::move(key), statement);
}

void StatementCache::TakeBack(std::string sql, sqlite3_stmt* statement) {
  (void)sqlite3_reset(statement);  // repeats the error of the last step, which was told
  (void)sqlite3_clear_bindings(statement);
  if (idle_.size() >= kMaxIdle) Clear();
  if (!idle_.emplace(std::move(sql), statement).second) (void)sqlite3_finalize(statement);
}

void StatementCache::Clear() {
  for (auto& [sql, statement] : idle_) (void)sqlite3_finalize(statement);  // as for reset
  idle_.clear();
}

}  // namespace onggi
