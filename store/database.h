// Database: the one transactional metadata store of the daemon (SQLite in WAL mode, one file below
// root).
//
// Each room owns its tables and brings them as a list of migrations under its own name; the store
// keeps the version reached by each room. A transaction is durable against the death of the process
// when InTransaction returns (WAL, synchronous=NORMAL), and against a power cut after Checkpoint().
//
// Errors of every call: ResourceExhausted for a full disk (nothing of the transaction is there),
// DataLoss for damage, Unavailable when another process held the file for 5 s, AlreadyExists for a
// primary key or unique index broken.
//
// Thread-safety: any thread; one connection under one mutex, which a transaction holds from its
// beginning to its end. Calls block on the file system, not on a disk flush (but for Checkpoint).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace onggi {

// A bound parameter or a column.
using SqlValue = std::variant<std::nullptr_t, int64_t, std::string>;

// One result row; columns by position. Text of a NULL is "", a number of a NULL 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::string Text(int column) const;
  int64_t Int(int column) const;
  bool IsNull(int column) const;

 private:
  sqlite3_stmt* statement_;
};

struct Migration {
  int version;           // 1, 2, 3, ... per room
  std::string_view sql;  // one or more statements
};

class Database {
 public:
  // Opens or makes the file (mode 0600). DataLoss when it is not a database or damaged: the message
  // names the file and the way out (onggi fsck).
  static Result<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();

  // Brings ROOM's tables to the newest version; a store written by a newer Onggi is
  // FailedPrecondition.
  Result<> Migrate(std::string_view room, const std::vector<Migration>& migrations);

  // Runs BODY in one transaction: committed when it returns ok, rolled back when not. BODY may call
  // Execute and Query of the same database, and must not call InTransaction again.
  Result<> InTransaction(const std::function<Result<>()>& body);

  // One statement; the number of rows changed. Outside InTransaction it is its own transaction.
  Result<int64_t> Execute(std::string_view sql, std::initializer_list<SqlValue> values = {});
  Result<> Query(std::string_view sql, std::initializer_list<SqlValue> values,
                 const std::function<Result<>(const Row&)>& on_row);

  // Everything committed so far survives a power cut once this returned. Blocks on one disk flush,
  // without holding up other callers.
  Result<> Checkpoint();
  // PRAGMA integrity_check: the problems found, none when it is sound.
  Result<std::vector<std::string>> Verify();

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace onggi
