#include "engine/name_table.h"

#include <chrono>

namespace onggi {

NameTable::Ticket::~Ticket() {
  if (table_ != nullptr) table_->Release(key_, "");
}

void NameTable::Ticket::Done(const std::string& id) {
  NameTable* table = std::exchange(table_, nullptr);
  if (table != nullptr) table->Set(key_, id);
}

Result<NameTable::Ticket> NameTable::Join(const std::string& key, const CancelToken& cancel) {
  MutexLock lock(mutex_);
  while (true) {
    auto [at, inserted] = ids_.try_emplace(key);
    if (inserted) return Ticket(this, key, "");
    if (!at->second.empty()) return Ticket(nullptr, key, at->second);
    TRY(cancel.Check());
    auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    (void)changed_.WaitUntil(mutex_, soon);  // looped over; the token wakes nobody
  }
}

void NameTable::Set(const std::string& key, const std::string& id) {
  {
    MutexLock lock(mutex_);
    ids_[key] = id;
  }
  changed_.NotifyAll();
}

void NameTable::Release(const std::string& key, const std::string& id) {
  {
    MutexLock lock(mutex_);
    auto at = ids_.find(key);
    if (at != ids_.end() && at->second == id) ids_.erase(at);
  }
  changed_.NotifyAll();
}

}  // namespace onggi
