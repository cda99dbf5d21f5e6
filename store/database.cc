#include "store/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <thread>
#include <unordered_map>

namespace onggi {
namespace {

constexpr size_t kMaxCachedStatements = 128;

// The pragmas of every connection. WAL with synchronous=NORMAL: a commit is one write to the log,
// and is safe against the death of the process; the log reaches the disk at a checkpoint.
constexpr const char* kSetUp =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;"
    "CREATE TABLE IF NOT EXISTS store_versions (room TEXT PRIMARY KEY, version INTEGER NOT NULL) "
    "WITHOUT ROWID;";

Error ErrorOf(sqlite3* db, int rc, std::string_view what) {
  std::string message =
      std::string(what) + ": " + (db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
  switch (rc & 0xff) {
    case SQLITE_FULL:
      return ResourceExhausted(message + " (No space left on device)");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(Code::kDataLoss, message + "; onggi fsck says what is damaged");
    case SQLITE_CONSTRAINT:
      return AlreadyExists(message);
    default:
      return Internal(message);
  }
}

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement() { (void)sqlite3_finalize(statement_); }  // repeats an error that was told already
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3_stmt* statement_;
};

// Gives a cached statement back clean, whatever happened.
class ResetGuard {
 public:
  explicit ResetGuard(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetGuard() {
    (void)sqlite3_reset(statement_);  // repeats the error of the last step
    (void)sqlite3_clear_bindings(statement_);
  }
  ResetGuard(const ResetGuard&) = delete;
  ResetGuard& operator=(const ResetGuard&) = delete;

 private:
  sqlite3_stmt* statement_;
};

int BindValue(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value))
    return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()),
                             SQLITE_TRANSIENT);
  }
  return sqlite3_bind_null(statement, index);
}

}  // namespace

std::string Row::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return "";
  return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

int64_t Row::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

struct Database::Impl {
  ~Impl() {
    statements.clear();
    (void)sqlite3_close(db);  // no statement is open, so it succeeds
  }

  // A transaction's body calls Execute and Query on the same thread: the lock is recursive.
  std::recursive_mutex mutex;
  sqlite3* db = nullptr;
  bool in_transaction = false;
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements;

  Result<sqlite3_stmt*> Prepare(std::string_view sql) {
    std::string key(sql);
    auto found = statements.find(key);
    if (found != statements.end()) return found->second->get();
    sqlite3_stmt* raw = nullptr;
    int rc = sqlite3_prepare_v3(db, key.c_str(), static_cast<int>(key.size()),
                                SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (rc != SQLITE_OK) return ErrorOf(db, rc, key);
    if (statements.size() >= kMaxCachedStatements) statements.clear();
    statements.emplace(std::move(key), std::make_unique<Statement>(raw));
    return raw;
  }

  Result<> Script(std::string_view sql) {
    std::string text(sql);
    int rc = sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return ErrorOf(db, rc, "sql");
    return Ok();
  }

  Result<> Run(std::string_view sql, std::initializer_list<SqlValue> values,
               const std::function<Result<>(const Row&)>& on_row) {
    TRY_ASSIGN(sqlite3_stmt * statement, Prepare(sql));
    ResetGuard guard(statement);
    int index = 0;
    for (const SqlValue& value : values) {
      int rc = BindValue(statement, ++index, value);
      if (rc != SQLITE_OK) return ErrorOf(db, rc, sql);
    }
    while (true) {
      int rc = sqlite3_step(statement);
      if (rc == SQLITE_DONE) return Ok();
      if (rc != SQLITE_ROW) return ErrorOf(db, rc, sql);
      if (on_row) TRY(on_row(Row(statement)));
    }
  }
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int rc = sqlite3_open_v2(path.c_str(), &impl->db, flags, nullptr);
  if (rc != SQLITE_OK) return ErrorOf(impl->db, rc, "open " + path);
  if (chmod(path.c_str(), 0600) != 0) return SysError("chmod(" + path + ")");
  (void)sqlite3_extended_result_codes(impl->db, 1);
  (void)sqlite3_busy_timeout(impl->db, 5000);  // onggi fsck may read meanwhile
  TRY(impl->Script(kSetUp).Wrap(path));
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<> Database::Migrate(std::string_view room, const std::vector<Migration>& migrations) {
  return InTransaction([&]() -> Result<> {
    int64_t reached = 0;
    TRY(Query("SELECT version FROM store_versions WHERE room = ?", {std::string(room)},
              [&](const Row& row) {
                reached = row.Int(0);
                return Ok();
              }));
    int64_t newest = migrations.empty() ? 0 : migrations.back().version;
    if (reached > newest) {
      return FailedPrecondition("the tables of " + std::string(room) + " have version " +
                                std::to_string(reached) + ", this Onggi knows " +
                                std::to_string(newest) + ": run the newer one");
    }
    for (const Migration& migration : migrations) {
      if (migration.version <= reached) continue;
      TRY(impl_->Script(migration.sql).Wrap("migrate " + std::string(room)));
    }
    if (reached == newest) return Ok();
    TRY(
        Execute("INSERT INTO store_versions (room, version) VALUES (?1, ?2) "
                "ON CONFLICT (room) DO UPDATE SET version = ?2",
                {std::string(room), newest}));
    return Ok();
  });
}

Result<> Database::InTransaction(const std::function<Result<>()>& body) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  CHECK(!impl_->in_transaction);
  TRY(impl_->Run("BEGIN IMMEDIATE", {}, {}));
  impl_->in_transaction = true;
  Result<> outcome = body();
  if (outcome) outcome = impl_->Run("COMMIT", {}, {});
  impl_->in_transaction = false;
  // A failed COMMIT may have rolled back by itself (SQLITE_FULL).
  if (!outcome && sqlite3_get_autocommit(impl_->db) == 0) {
    (void)impl_->Run("ROLLBACK", {}, {});  // the first error is the one to tell
  }
  return outcome;
}

Result<int64_t> Database::Execute(std::string_view sql, std::initializer_list<SqlValue> values) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  TRY(impl_->Run(sql, values, {}));
  return int64_t{sqlite3_changes(impl_->db)};
}

Result<> Database::Query(std::string_view sql, std::initializer_list<SqlValue> values,
                         const std::function<Result<>(const Row&)>& on_row) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  return impl_->Run(sql, values, on_row);
}

Result<> Database::Checkpoint() {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  int rc = sqlite3_wal_checkpoint_v2(impl_->db, nullptr, SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
  if (rc != SQLITE_OK) return ErrorOf(impl_->db, rc, "checkpoint");
  return Ok();
}

Result<std::vector<std::string>> Database::Verify() {
  std::vector<std::string> problems;
  TRY(Query("PRAGMA integrity_check", {}, [&](const Row& row) {
    if (row.Text(0) != "ok") problems.push_back(row.Text(0));
    return Ok();
  }));
  return problems;
}

}  // namespace onggi
