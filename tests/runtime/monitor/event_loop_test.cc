#include "runtime/monitor/event_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using std::chrono::milliseconds;
using testing::IsOk;

EventLoop MakeLoop() {
  auto loop = EventLoop::Make();
  EXPECT_THAT(loop, IsOk());
  return std::move(*loop);
}

TEST(EventLoop, TimersRunInTheirOrder) {
  EventLoop loop = MakeLoop();
  std::string order;
  loop.After(milliseconds(20), [&] { order += 'c'; });
  loop.After(milliseconds(1), [&] { order += 'a'; });
  auto cancelled = loop.After(milliseconds(5), [&] { order += 'x'; });
  loop.After(milliseconds(3), [&] {
    order += 'b';
    loop.Cancel(cancelled);
  });
  loop.After(milliseconds(25), [&] { loop.Stop(); });
  ASSERT_THAT(loop.Run(), IsOk());
  EXPECT_EQ(order, "abc");
}

TEST(EventLoop, HandlerMayRemoveItselfAndOthers) {
  EventLoop loop = MakeLoop();
  auto first = MakePipe();
  auto second = MakePipe();
  ASSERT_TRUE(first && second);
  ASSERT_THAT(WriteAll(first->write.get(), "x"), IsOk());
  ASSERT_THAT(WriteAll(second->write.get(), "x"), IsOk());
  int calls = 0;
  auto handler = [&](uint32_t) {
    ++calls;
    loop.Unwatch(first->read.get());
    loop.Unwatch(second->read.get());
    first->read.reset();
    second->read.reset();
  };
  ASSERT_THAT(loop.Watch(first->read.get(), EPOLLIN, handler), IsOk());
  ASSERT_THAT(loop.Watch(second->read.get(), EPOLLIN, handler), IsOk());
  loop.After(milliseconds(10), [&] { loop.Stop(); });
  ASSERT_THAT(loop.Run(), IsOk());
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, EventOfAClosedDescriptorDoesNotReachItsSuccessor) {
  EventLoop loop = MakeLoop();
  auto first = MakePipe();
  auto second = MakePipe();
  auto other = MakePipe();
  ASSERT_TRUE(first && second && other);
  int successor_calls = 0;
  int number = second->read.get();
  auto swap = [&](uint32_t) {
    loop.Unwatch(first->read.get());
    loop.Unwatch(number);
    second->read.reset();
    ASSERT_EQ(dup2(other->read.get(), number), number);
    ASSERT_THAT(loop.Watch(number, EPOLLIN, [&](uint32_t) { ++successor_calls; }), IsOk());
  };
  ASSERT_THAT(loop.Watch(first->read.get(), EPOLLIN, swap), IsOk());
  ASSERT_THAT(loop.Watch(number, EPOLLIN, [&](uint32_t) { FAIL(); }), IsOk());
  ASSERT_THAT(WriteAll(first->write.get(), "x"), IsOk());
  ASSERT_THAT(WriteAll(second->write.get(), "x"), IsOk());
  loop.After(milliseconds(10), [&] { loop.Stop(); });
  ASSERT_THAT(loop.Run(), IsOk());
  EXPECT_EQ(successor_calls, 0);
  close(number);
}

}  // namespace
}  // namespace onggi
