#include "store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <mutex>

#include "base/file_io.h"
#include "store/checkpointer.h"
#include "store/statement.h"

namespace onggi {
namespace {

// "ONGI": file(1) and fsck know the file by it.
constexpr int kApplicationId = 0x4f4e4749;
// Pages of 4 KiB in the log before the checkpointer is woken, and before a commit does it itself
// because the checkpointer does not keep up.
constexpr int kLogPages = 1000;
constexpr int kLogPagesHard = 16 * kLogPages;
// How long another process (onggi fsck) may hold the file before we give up.
constexpr int kBusyMs = 5000;

// The pragmas of every connection. WAL with synchronous=NORMAL: a commit is one write to the log,
// safe against the death of the process.
constexpr const char* kSetUp =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;"
    "CREATE TABLE IF NOT EXISTS store_versions (room TEXT PRIMARY KEY, version INTEGER NOT NULL) "
    "WITHOUT ROWID;";

int OnCommit(void* checkpointer, sqlite3* db, const char* schema, int pages) {
  if (pages >= kLogPages) static_cast<Checkpointer*>(checkpointer)->Wake();
  if (pages < kLogPagesHard) return SQLITE_OK;
  // Its failure is not the commit's: the log holds the transaction.
  (void)sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return SQLITE_OK;
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
  explicit Impl(const std::string& path) : checkpointer(path) {}
  ~Impl() {
    statements.Clear();
    (void)sqlite3_close(db);  // no statement is open, so it succeeds
  }

  Result<> Script(std::string_view sql) {
    int rc = sqlite3_exec(db, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return SqlError(db, rc, "sql");
    return Ok();
  }

  Result<> Run(std::string_view sql, std::initializer_list<SqlValue> values,
               const std::function<Result<>(const Row&)>& on_row) {
    TRY_ASSIGN(LentStatement statement, statements.Lend(db, sql));
    TRY(statement.Bind(values));
    while (true) {
      int rc = sqlite3_step(statement.get());
      if (rc == SQLITE_DONE) return Ok();
      if (rc != SQLITE_ROW) return SqlError(db, rc, sql);
      if (on_row) TRY(on_row(Row(statement.get())));
    }
  }

  // A transaction's body calls Execute and Query on the same thread: the lock is recursive.
  std::recursive_mutex mutex;
  Checkpointer checkpointer;
  sqlite3* db = nullptr;
  UniqueFd log;  // the write-ahead log: to flush it without the mutex
  bool in_transaction = false;
  StatementCache statements;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  // Made by us, so that the mode is right from the first moment; the log takes it over.
  TRY(onggi::Open(path, O_RDWR | O_CREAT, 0600));
  auto impl = std::make_unique<Impl>(path);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  int rc = sqlite3_open_v2(path.c_str(), &impl->db, flags, nullptr);
  if (rc != SQLITE_OK) return SqlError(impl->db, rc, "open " + path);
  (void)sqlite3_extended_result_codes(impl->db, 1);
  (void)sqlite3_busy_timeout(impl->db, kBusyMs);
  TRY(impl->Script(kSetUp).Wrap(path));
  TRY(impl->Script("PRAGMA application_id=" + std::to_string(kApplicationId)).Wrap(path));
  // After this our hook is the only one who starts a checkpoint.
  (void)sqlite3_wal_hook(impl->db, OnCommit, &impl->checkpointer);
  TRY_ASSIGN(impl->log, onggi::Open(path + "-wal", O_RDONLY));
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
      TRY(impl_->Script(migration.sql)
              .Wrap("migrate " + std::string(room) + " to version " +
                    std::to_string(migration.version)));
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
  CHECK(!impl_->in_transaction);  // another thread would have waited for the mutex: it is us
  TRY(impl_->Run("BEGIN IMMEDIATE", {}, {}));
  impl_->in_transaction = true;
  Result<> outcome = body();
  if (outcome) outcome = impl_->Run("COMMIT", {}, {});
  impl_->in_transaction = false;
  // SQLite rolls back by itself when the disk is full.
  if (!outcome && sqlite3_get_autocommit(impl_->db) == 0) {
    (void)impl_->Run("ROLLBACK", {}, {});  // the first error is the one to tell
  }
  return outcome;
}

Result<int64_t> Database::Execute(std::string_view sql, std::initializer_list<SqlValue> values) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  // An earlier statement's count stands until the next one that changes rows.
  int64_t before = sqlite3_total_changes64(impl_->db);
  TRY(impl_->Run(sql, values, {}));
  return sqlite3_total_changes64(impl_->db) == before ? int64_t{0} : sqlite3_changes64(impl_->db);
}

Result<> Database::Query(std::string_view sql, std::initializer_list<SqlValue> values,
                         const std::function<Result<>(const Row&)>& on_row) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  return impl_->Run(sql, values, on_row);
}

Result<> Database::Checkpoint() {
  // What was committed is in the log, or was flushed into the database file by a checkpoint before
  // the log's place was used again: flushing the log is enough, and one flush is half the price of
  // a checkpoint.
  if (fdatasync(impl_->log.get()) != 0) return SysError("fdatasync(log of the database)");
  return Ok();
}

Result<std::vector<std::string>> Database::Verify() {
  std::vector<std::string> problems;
  auto checked = Query("PRAGMA integrity_check", {}, [&](const Row& row) {
    if (row.Text(0) != "ok") problems.push_back(row.Text(0));
    return Ok();
  });
  // Damage so bad that the check itself gives up is a finding too.
  if (!checked && checked.error().code() == Code::kDataLoss) {
    problems.push_back(checked.error().message());
    return problems;
  }
  if (!checked) return std::move(checked).error();
  return problems;
}

}  // namespace onggi
