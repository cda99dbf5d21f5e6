#include "base/cancel.h"

#include <thread>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(CancelToken, ADefaultOneNeverFires) {
  CancelToken token;
  EXPECT_FALSE(token.cancelled());
  EXPECT_THAT(token.Check(), IsOk());
  bool ran = false;
  {
    auto registration = token.OnCancel([&] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

TEST(CancelToken, CopiesSeeTheCancel) {
  CancelSource source;
  CancelToken copy = source.token();
  EXPECT_THAT(copy.Check(), IsOk());
  std::thread([&] { source.Cancel(); }).join();
  EXPECT_TRUE(copy.cancelled());
  EXPECT_THAT(copy.Check(), FailsWith(Code::kCancelled));
}

TEST(CancelToken, CallbacksRunOnce) {
  CancelSource source;
  int ran = 0;
  int late = 0;
  int removed = 0;
  auto kept = source.token().OnCancel([&] { ++ran; });
  {
    auto dropped = source.token().OnCancel([&] { ++removed; });
  }
  source.Cancel();
  source.Cancel();
  auto after = source.token().OnCancel([&] { ++late; });
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(removed, 0);
  EXPECT_EQ(late, 1);
}

TEST(CancelToken, ARegistrationMovesAndMayOutliveItsSource) {
  CancelToken::Registration outer;
  int ran = 0;
  {
    CancelSource source;
    outer = source.token().OnCancel([&] { ++ran; });
    source.Cancel();
  }
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace onggi
