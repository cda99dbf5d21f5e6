// NameTable: makes a creation that is asked twice happen once. The first to Join a key makes the
// thing; who comes meanwhile waits and gets the same answer; who comes later gets what was made.
//
//   TRY_ASSIGN(NameTable::Ticket ticket, names.Join(key, cancel));
//   if (!ticket.owner()) return ticket.id();     // somebody made it
//   ...make...
//   ticket.Done(id);                             // without it the key is free again
//
// When the first fails, one of those who wait takes over: its own request is as good.
//
// Thread-safety: all methods from any thread; a Ticket is used by one thread.
#pragma once

#include <map>
#include <string>

#include "base/cancel.h"
#include "base/mutex.h"
#include "base/result.h"

namespace onggi {

class NameTable {
 public:
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)),
          key_(std::move(other.key_)),
          id_(std::move(other.id_)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket();

    bool owner() const { return table_ != nullptr; }
    const std::string& id() const { return id_; }
    void Done(const std::string& id);

   private:
    friend class NameTable;
    Ticket(NameTable* table, std::string key, std::string id)
        : table_(table), key_(std::move(key)), id_(std::move(id)) {}
    NameTable* table_;
    std::string key_;
    std::string id_;
  };

  // Cancelled when CANCEL was asked while another's creation was under way.
  Result<Ticket> Join(const std::string& key, const CancelToken& cancel);
  // For what exists already (recovery).
  void Set(const std::string& key, const std::string& id);
  // Frees KEY when it belongs to ID.
  void Release(const std::string& key, const std::string& id);

 private:
  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, std::string> ids_ GUARDED_BY(mutex_);  // "" while it is being made
};

}  // namespace onggi
