#include "store/checkpointer.h"

#include <sqlite3.h>

namespace onggi {

Checkpointer::~Checkpointer() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::Wake() {
  MutexLock lock(mutex_);
  due_ = true;
  if (!started_) {
    started_ = true;
    thread_ = std::thread([this] { Run(); });
  }
  changed_.NotifyAll();
}

void Checkpointer::Run() {
  sqlite3* db = nullptr;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  (void)sqlite3_open_v2(path_.c_str(), &db, flags, nullptr);  // the first use tells
  (void)sqlite3_exec(db, "PRAGMA synchronous=NORMAL", nullptr, nullptr, nullptr);
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!due_ && !stopping_) changed_.Wait(mutex_);
      if (stopping_) break;
      due_ = false;
    }
    // Nothing is lost when it fails: the log keeps what was committed.
    (void)sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  (void)sqlite3_close(db);
}

}  // namespace onggi
