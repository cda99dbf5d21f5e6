// Checkpointer: moves the write-ahead log into the database file from a thread of its own, so that
// no transaction of the daemon waits for a disk flush.
//
// It has its own connection: SQLite lets a passive checkpoint run beside a writer. When it fails
// (disk full) it is tried again at the next commit that finds the log long.
//
// Thread-safety: any thread may Wake. The destructor joins.
#pragma once

#include <string>
#include <thread>

#include "base/mutex.h"

struct sqlite3;

namespace onggi {

class Checkpointer {
 public:
  // Opens PATH at the first Wake.
  explicit Checkpointer(std::string path) : path_(std::move(path)) {}
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void Wake();

 private:
  void Run();

  const std::string path_;
  Mutex mutex_;
  CondVar changed_;
  bool due_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool started_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace onggi
