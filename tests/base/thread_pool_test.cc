#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>

namespace onggi {
namespace {

TEST(ThreadPool, RunsAllThatWasSubmittedBeforeItEnds) {
  std::atomic<int> done{0};
  {
    ThreadPool pool(4);
    for (int i = 0; i < 1000; ++i) pool.Submit([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(ThreadPool, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 100; ++i) pool.Submit([&order, i] { order.push_back(i); });
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
}

TEST(ThreadPool, TasksRunAtOnce) {
  Mutex mutex;
  CondVar changed;
  int waiting = 0;
  {
    ThreadPool pool(2);
    for (int i = 0; i < 2; ++i) {
      pool.Submit([&] {
        MutexLock lock(mutex);
        ++waiting;
        changed.NotifyAll();
        while (waiting < 2) changed.Wait(mutex);  // hangs unless the other runs beside it
      });
    }
  }
  EXPECT_EQ(waiting, 2);
}

TEST(CondVar, WaitEndsAtItsDeadline) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
  while (never.WaitUntil(mutex, deadline)) continue;
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

}  // namespace
}  // namespace onggi
