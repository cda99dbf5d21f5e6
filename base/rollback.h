// Rollback: the undo steps of a multi-step creation, each added next to the step that it undoes.
// Steps run in reverse order when the object dies, unless Commit() was called.
//
//   Rollback undo;
//   TRY(MakeCgroup(path));
//   undo.Add([&] { (void)RemoveCgroup(path); });   // best effort: the first error is the one to
//   tell
//   ...
//   undo.Commit();
//
// Thread-safety: none. A step must not fail the operation and must not throw.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace onggi {

class Rollback {
 public:
  Rollback() = default;
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;
  ~Rollback() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)();
  }

  void Add(std::function<void()> step) { steps_.push_back(std::move(step)); }
  void Commit() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace onggi
