#include "store/database.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "base/file_io.h"
#include "tests/support/matchers.h"
#include "tests/support/require_root.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::TempTree;

const std::vector<Migration> kOne = {{1, "CREATE TABLE t (k TEXT PRIMARY KEY, v INTEGER);"}};

std::unique_ptr<Database> OpenWithTable(const std::string& path) {
  auto database = Database::Open(path);
  EXPECT_THAT(database, IsOk());
  EXPECT_THAT((*database)->Migrate("room", kOne), IsOk());
  return std::move(database).value();
}

int64_t CountOf(Database& database) {
  int64_t count = -1;
  EXPECT_THAT(database.Query("SELECT count(*) FROM t", {},
                             [&](const Row& row) {
                               count = row.Int(0);
                               return Ok();
                             }),
              IsOk());
  return count;
}

TEST(Database, KeepsRowsOverAReopen) {
  TempTree tree;
  {
    auto database = OpenWithTable(tree / "db");
    std::string odd("a\0b'", 4);
    EXPECT_THAT(database->Execute("INSERT INTO t VALUES (?, ?)", {odd, int64_t{7}}), IsOk());
    EXPECT_THAT(database->Execute("INSERT INTO t VALUES (?, ?)", {"null", nullptr}), IsOk());
  }
  auto database = OpenWithTable(tree / "db");
  std::vector<std::string> seen;
  EXPECT_THAT(database->Query("SELECT k, v FROM t ORDER BY k", {},
                              [&](const Row& row) {
                                seen.push_back(row.Text(0) + "=" + std::to_string(row.Int(1)) +
                                               (row.IsNull(1) ? " null" : ""));
                                return Ok();
                              }),
              IsOk());
  EXPECT_EQ(seen, (std::vector<std::string>{std::string("a\0b'=7", 6), "null=0 null"}));
}

TEST(Database, FileIsForRootOnly) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  for (const char* name : {"db", "db-wal", "db-shm"}) {
    struct stat st {};
    ASSERT_EQ(stat((tree / name).c_str(), &st), 0) << name;
    EXPECT_EQ(st.st_mode & 0777, 0600u) << name;
  }
}

TEST(Database, RollsBackWhatFails) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  auto failed = database->InTransaction([&]() -> Result<> {
    TRY(database->Execute("INSERT INTO t VALUES ('a', 1)"));
    return NotFound("on purpose");
  });
  EXPECT_THAT(failed, FailsWith(Code::kNotFound, "on purpose"));
  EXPECT_EQ(CountOf(*database), 0);
  EXPECT_THAT(database->InTransaction([&]() -> Result<> {
    TRY(database->Execute("INSERT INTO t VALUES ('a', 1)"));
    return Ok();
  }),
              IsOk());
  EXPECT_EQ(CountOf(*database), 1);
}

TEST(Database, SaysWhichUniquenessIsBroken) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  ASSERT_THAT(database->Execute("INSERT INTO t VALUES ('a', 1)"), IsOk());
  EXPECT_THAT(database->Execute("INSERT INTO t VALUES ('a', 1)"),
              FailsWith(Code::kAlreadyExists, "t.k"));
  EXPECT_THAT(database->Execute("INSERT INTO nowhere VALUES (1)"),
              FailsWith(Code::kInternal, "nowhere"));
}

TEST(Database, CountsChangedRows) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  ONGGI_ASSERT_OK_AND_ASSIGN(int64_t two,
                             database->Execute("INSERT INTO t VALUES ('a', 1), ('b', 1)"));
  EXPECT_EQ(two, 2);
  ONGGI_ASSERT_OK_AND_ASSIGN(int64_t none, database->Execute("DELETE FROM t WHERE k = 'x'"));
  EXPECT_EQ(none, 0);
  ONGGI_ASSERT_OK_AND_ASSIGN(int64_t pragma, database->Execute("CREATE TABLE u (a)"));
  EXPECT_EQ(pragma, 0);
}

TEST(Database, SameStatementMayRunInsideItself) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  ASSERT_THAT(database->Execute("INSERT INTO t VALUES ('a', 1), ('b', 2)"), IsOk());
  const char* sql = "SELECT k FROM t ORDER BY k";
  std::string seen;
  EXPECT_THAT(database->Query(sql, {},
                              [&](const Row& outer) {
                                return database->Query(sql, {}, [&](const Row& inner) {
                                  seen += outer.Text(0) + inner.Text(0) + " ";
                                  return Ok();
                                });
                              }),
              IsOk());
  EXPECT_EQ(seen, "aa ab ba bb ");
}

TEST(Database, ARowCallbackEndsTheQueryWithItsError) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  ASSERT_THAT(database->Execute("INSERT INTO t VALUES ('a', 1), ('b', 2)"), IsOk());
  int rows = 0;
  auto query = [&] {
    return database->Query("SELECT k FROM t", {}, [&](const Row&) -> Result<> {
      ++rows;
      return Cancelled("enough");
    });
  };
  EXPECT_THAT(query(), FailsWith(Code::kCancelled));
  EXPECT_THAT(query(), FailsWith(Code::kCancelled));
  EXPECT_EQ(rows, 2);
}

TEST(Database, MigratesEachRoomByItself) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  std::vector<Migration> two = kOne;
  two.push_back({2, "ALTER TABLE t ADD COLUMN w TEXT; UPDATE t SET w = 'new';"});
  ASSERT_THAT(database->Execute("INSERT INTO t VALUES ('a', 1)"), IsOk());
  ASSERT_THAT(database->Migrate("room", two), IsOk());
  ASSERT_THAT(database->Migrate("room", two), IsOk());
  ASSERT_THAT(database->Migrate("other", {{1, "CREATE TABLE o (a);"}}), IsOk());
  std::string w;
  EXPECT_THAT(database->Query("SELECT w FROM t", {},
                              [&](const Row& row) {
                                w = row.Text(0);
                                return Ok();
                              }),
              IsOk());
  EXPECT_EQ(w, "new");
  EXPECT_THAT(database->Migrate("room", kOne),
              FailsWith(Code::kFailedPrecondition, "run the newer one"));
}

TEST(Database, AFailedMigrationLeavesNothing) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  EXPECT_THAT(database->Migrate("bad", {{1, "CREATE TABLE b (a); SELECT nonsense FROM nowhere;"}}),
              FailsWith(Code::kInternal, "migrate bad to version 1"));
  EXPECT_THAT(database->Migrate("bad", {{1, "CREATE TABLE b (a);"}}), IsOk());
}

TEST(Database, RefusesAFileThatIsNone) {
  TempTree tree;
  std::string path = tree.File("db", std::string(8192, 'x'));
  EXPECT_THAT(Database::Open(path), FailsWith(Code::kDataLoss, "onggi fsck"));
  EXPECT_THAT(Database::Open(path), FailsWith(Code::kDataLoss, path));
}

TEST(Database, TellsDamage) {
  TempTree tree;
  std::string path = tree / "db";
  {
    auto database = OpenWithTable(path);
    EXPECT_THAT(database->Verify().value(), ::testing::IsEmpty());
    ASSERT_THAT(database->InTransaction([&]() -> Result<> {
      for (int i = 0; i < 2000; ++i) {
        TRY(database->Execute("INSERT INTO t VALUES (?, 1)", {"key " + std::to_string(i)}));
      }
      return Ok();
    }),
                IsOk());
  }
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd fd, Open(path, O_RDWR));
  std::string junk(4096, '\x5a');
  for (int page = 4; page < 9; ++page) {
    ASSERT_EQ(pwrite(fd.get(), junk.data(), junk.size(), page * 4096), 4096);
  }
  ONGGI_ASSERT_OK_AND_ASSIGN(auto database, Database::Open(path));
  ONGGI_ASSERT_OK_AND_ASSIGN(std::vector<std::string> problems, database->Verify());
  EXPECT_FALSE(problems.empty());
  EXPECT_THAT(database->Query("SELECT count(v) FROM t", {}, {}),
              FailsWith(Code::kDataLoss, "fsck"));
}

TEST(Database, ManyThreadsLoseNothing) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        auto done = database->InTransaction([&]() -> Result<> {
          std::string key = std::to_string(t) + "/" + std::to_string(i);
          TRY(database->Execute("INSERT INTO t VALUES (?, 0)", {key}));
          TRY(database->Execute("UPDATE t SET v = v + 1 WHERE k = ?", {key}));
          return Ok();
        });
        if (!done) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(CountOf(*database), 800);
}

TEST(Database, WhatWasAcknowledgedSurvivesKill) {
  TempTree tree;
  std::string path = tree / "db";
  int acknowledged[2];
  ASSERT_EQ(pipe2(acknowledged, O_CLOEXEC), 0);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto database = OpenWithTable(path);
    for (int64_t i = 0;; ++i) {
      if (!database->Execute("INSERT INTO t VALUES (?, ?)", {std::to_string(i), i})) _exit(1);
      if (write(acknowledged[1], &i, sizeof i) != sizeof i) _exit(2);
    }
  }
  (void)close(acknowledged[1]);
  int64_t last = -1;
  while (last < 300) ASSERT_EQ(read(acknowledged[0], &last, sizeof last), 8);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  while (read(acknowledged[0], &last, sizeof last) == 8) continue;
  (void)close(acknowledged[0]);
  auto database = OpenWithTable(path);
  EXPECT_GE(CountOf(*database), last + 1);
  EXPECT_LE(CountOf(*database), last + 2);
  EXPECT_THAT(database->Verify().value(), ::testing::IsEmpty());
}

TEST(Database, AFullDiskFailsTheTransactionOnly) {
  ONGGI_REQUIRE_ROOT();
  TempTree tree;
  std::string small = tree.Dir("small");
  ASSERT_EQ(mount("tmpfs", small.c_str(), "tmpfs", 0, "size=1m"), 0);
  struct Unmount {
    std::string path;
    ~Unmount() { (void)umount2(path.c_str(), MNT_DETACH); }  // the test's own mount
  } unmount{small};
  auto database = OpenWithTable(small + "/db");
  ASSERT_THAT(database->Execute("INSERT INTO t VALUES ('kept', 1)"), IsOk());
  auto filled = database->InTransaction([&]() -> Result<> {
    for (int i = 0; i < 100; ++i) {
      TRY(database->Execute("INSERT INTO t VALUES (?, 1)",
                            {std::to_string(i) + std::string(65536, 'x')}));
    }
    return Ok();
  });
  EXPECT_THAT(filled, FailsWith(Code::kResourceExhausted, "No space left on device"));
  EXPECT_EQ(CountOf(*database), 1);
  EXPECT_THAT(database->Execute("INSERT INTO t VALUES ('after', 1)"), IsOk());
  EXPECT_EQ(CountOf(*database), 2);
}

TEST(Database, ALongLogMovesIntoTheFileInTheBackground) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  for (int i = 0; i < 3000; ++i) {
    ASSERT_THAT(database->Execute("INSERT INTO t VALUES (?, 1)", {std::to_string(i)}), IsOk());
  }
  struct stat st {};
  for (int wait = 0; wait < 2000 && st.st_size < 10 * 4096; ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_EQ(stat((tree / "db").c_str(), &st), 0);
  }
  EXPECT_GE(st.st_size, 10 * 4096);
}

// A copy of both files as the disk would hold them after Checkpoint: the log alone must be enough.
TEST(Database, WhatWasCheckpointedIsInTheFiles) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  ASSERT_THAT(database->Execute("INSERT INTO t VALUES ('a', 1)"), IsOk());
  ASSERT_THAT(database->Checkpoint(), IsOk());
  tree.File("copy", tree.Read("db"));
  tree.File("copy-wal", tree.Read("db-wal"));
  auto copy = OpenWithTable(tree / "copy");
  EXPECT_EQ(CountOf(*copy), 1);
}

TEST(Database, AOneRowTransactionTakesMicroseconds) {
  TempTree tree;
  auto database = OpenWithTable(tree / "db");
  std::vector<int64_t> took;
  for (int i = 0; i < 500; ++i) {
    int64_t start = MonotonicNanos();
    ASSERT_THAT(database->Execute("INSERT INTO t VALUES (?, 1)", {std::to_string(i)}), IsOk());
    took.push_back(MonotonicNanos() - start);
  }
  std::nth_element(took.begin(), took.begin() + 250, took.end());
  RecordProperty("median_ns", std::to_string(took[250]));
  // The budget is 100 us; sanitizers and a loaded machine get a margin.
  EXPECT_LT(took[250], 1'000'000);
}

}  // namespace
}  // namespace onggi
