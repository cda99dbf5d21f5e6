// StatementCache: prepared SQLite statements by their text, lent to one user at a time.
//
//   TRY_ASSIGN(LentStatement statement, cache.Lend(db, sql));
//   TRY(statement.Bind(values));
//   while (sqlite3_step(statement.get()) == SQLITE_ROW) ...
//
// A lent statement is out of the cache: code that runs the same text from inside a row callback
// gets a second one. Going back it is reset, whatever happened.
//
// Thread-safety: none; the database's mutex guards it. Ownership: the cache must outlive what it
// lent.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/database.h"

namespace onggi {

// What SQLite answered, as a Code: a full disk or too little memory is ResourceExhausted, damage is
// DataLoss, a lock held by another process is Unavailable, a uniqueness broken is AlreadyExists.
Error SqlError(sqlite3* db, int rc, std::string_view what);

class StatementCache;

class LentStatement {
 public:
  LentStatement(StatementCache* cache, std::string sql, sqlite3_stmt* statement)
      : cache_(cache), sql_(std::move(sql)), statement_(statement) {}
  LentStatement(LentStatement&& other) noexcept
      : cache_(other.cache_),
        sql_(std::move(other.sql_)),
        statement_(std::exchange(other.statement_, nullptr)) {}
  LentStatement& operator=(LentStatement&&) = delete;
  ~LentStatement();

  sqlite3_stmt* get() const { return statement_; }
  // VALUES must live until the statement is done: text is not copied.
  Result<> Bind(std::initializer_list<SqlValue> values);

 private:
  StatementCache* cache_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

class StatementCache {
 public:
  StatementCache() = default;
  ~StatementCache() { Clear(); }
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  Result<LentStatement> Lend(sqlite3* db, std::string_view sql);
  // Before the connection closes: it refuses to while statements are open.
  void Clear();

 private:
  friend class LentStatement;
  void TakeBack(std::string sql, sqlite3_stmt* statement);

  std::unordered_map<std::string, sqlite3_stmt*> idle_;
};

}  // namespace onggi
