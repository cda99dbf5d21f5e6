#include "runtime/client/exec_output.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using std::chrono::milliseconds;
using testing::FailsWith;
using testing::IsOk;

class OutputCollectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (Pipe* pipe : {&out_, &err_, &answer_}) {
      auto made = MakePipe();
      ASSERT_THAT(made, IsOk());
      *pipe = std::move(*made);
    }
  }
  OutputCollector::Pipes Readers() {
    return {std::move(out_.read), std::move(err_.read), std::move(answer_.read)};
  }
  Pipe out_, err_, answer_;
};

TEST_F(OutputCollectorTest, BothStreamsAndTheAnswerAreTaken) {
  std::string large(3'000'000, 'o');
  std::thread writer([&] {
    EXPECT_THAT(WriteAll(out_.write.get(), large), IsOk());
    EXPECT_THAT(WriteAll(err_.write.get(), "err"), IsOk());
    EXPECT_THAT(WriteAll(answer_.write.get(), "done"), IsOk());
    answer_.write.reset();
  });
  OutputCollector output(16 << 20);
  auto answer = output.Collect(Readers(), milliseconds(10'000));
  writer.join();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(*answer, "done");
  EXPECT_EQ(output.out, large);
  EXPECT_EQ(output.err, "err");
}

TEST_F(OutputCollectorTest, RestBeyondTheLimitIsDroppedAndDoesNotBlockTheWriter) {
  std::thread writer([&] {
    EXPECT_THAT(WriteAll(out_.write.get(), std::string(2'000'000, 'x')), IsOk());
    answer_.write.reset();
  });
  OutputCollector output(10);
  auto answer = output.Collect(Readers(), milliseconds(10'000));
  writer.join();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(output.out, "xxxxxxxxxx");
}

TEST_F(OutputCollectorTest, WriterThatGoesOnAfterTheEndIsNotWaitedFor) {
  ASSERT_THAT(WriteAll(out_.write.get(), "before"), IsOk());
  answer_.write.reset();  // while out_.write stays open
  OutputCollector output(1000);
  ASSERT_THAT(output.Collect(Readers(), std::nullopt), IsOk());
  EXPECT_EQ(output.out, "before");
}

TEST_F(OutputCollectorTest, SilenceEndsAtTheDeadline) {
  OutputCollector output(1000);
  EXPECT_THAT(output.Collect(Readers(), milliseconds(50)), FailsWith(Code::kDeadlineExceeded));
}

}  // namespace
}  // namespace onggi
