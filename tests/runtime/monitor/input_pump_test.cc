#include "runtime/monitor/input_pump.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using std::chrono::milliseconds;
using testing::IsOk;

class InputPumpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loop = EventLoop::Make();
    auto source = MakePipe();
    auto sink = MakePipe();
    ASSERT_TRUE(loop && source && sink);
    loop_ = std::make_unique<EventLoop>(std::move(*loop));
    writer_ = std::move(source->write);
    reader_ = std::move(sink->read);
    ASSERT_EQ(fcntl(sink->write.get(), F_SETFL, O_NONBLOCK), 0);
    pump_ = std::make_unique<InputPump>(loop_.get(), std::move(source->read),
                                        std::move(sink->write), [this] {
                                          pump_.reset();
                                          loop_->Stop();
                                        });
    ASSERT_THAT(pump_->Start(), IsOk());
    loop_->After(milliseconds(5000), [this] { loop_->Stop(); });
  }
  std::unique_ptr<EventLoop> loop_;
  UniqueFd writer_;
  UniqueFd reader_;
  std::unique_ptr<InputPump> pump_;
};

TEST_F(InputPumpTest, SlowReaderGetsAllOfIt) {
  std::string sent;
  while (sent.size() < 1'000'000) sent += std::to_string(sent.size()) + " ";
  std::thread writer([&] {
    EXPECT_THAT(WriteAll(writer_.get(), sent), IsOk());
    writer_.reset();
  });
  std::string got;
  std::thread reader([&] {
    std::this_thread::sleep_for(milliseconds(20));
    got = ReadAll(reader_.get()).value_or("");
  });
  ASSERT_THAT(loop_->Run(), IsOk());
  EXPECT_EQ(pump_, nullptr);
  writer.join();
  reader.join();
  EXPECT_EQ(got, sent);
}

TEST_F(InputPumpTest, EndsWhenNobodyReads) {
  reader_.reset();
  ASSERT_THAT(loop_->Run(), IsOk());
  EXPECT_EQ(pump_, nullptr);
}

}  // namespace
}  // namespace onggi
