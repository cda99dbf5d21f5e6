#include "engine/logs/log_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/file_io.h"
#include "base/temp_dir.h"

namespace onggi {
namespace {

class LogReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::Make();
    ASSERT_TRUE(dir.has_value());
    dir_.emplace(std::move(dir).value());
    path_ = dir_->path() + "/c.log";
  }
  void Append(const std::string& text) {
    auto fd = Open(path_, O_WRONLY | O_CREAT | O_APPEND, 0600);
    ASSERT_TRUE(fd.has_value());
    ASSERT_TRUE(WriteAll(fd->get(), text).has_value());
  }
  static std::string Line(const std::string& content) {
    return "2026-01-02T03:04:05.000000007Z stdout F " + content + "\n";
  }
  // Every line that is there now.
  static std::vector<std::string> Contents(LogReader& reader) {
    std::vector<std::string> out;
    while (true) {
      auto line = reader.Next();
      if (!line.has_value() || !line->has_value()) return out;
      out.push_back((*line)->content);
    }
  }
  std::optional<TempDir> dir_;
  std::string path_;
};

TEST(ParseLogLine, ReadsStampStreamTagAndContent) {
  auto line = ParseLogLine("1970-01-01T00:00:01.5Z stderr P:x:y some text ");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->timestamp_ns, 1'500'000'000);
  EXPECT_TRUE(line->is_stderr);
  EXPECT_TRUE(line->partial);
  EXPECT_EQ(line->content, "some text ");
}

TEST(ParseLogLine, ReadsOffsets) {
  auto line = ParseLogLine("1970-01-01T01:00:00+01:00 stdout F x");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->timestamp_ns, 0);
}

TEST(ParseLogLine, RefusesWhatIsNone) {
  for (const char* text :
       {"", "x", "1970-01-01T00:00:01Z stdin F x", "1970-01-01T00:00:01Z stdout Q x",
        "yesterday stdout F x", "1970-01-01T00:00:01Z"}) {
    EXPECT_FALSE(ParseLogLine(text).has_value()) << text;
  }
}

TEST_F(LogReaderTest, ReadsWhatIsAppendedLater) {
  Append(Line("one"));
  auto reader = LogReader::Open(path_);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(Contents(*reader), (std::vector<std::string>{"one"}));
  Append(Line("two"));
  EXPECT_EQ(Contents(*reader), (std::vector<std::string>{"two"}));
}

TEST_F(LogReaderTest, HoldsBackHalfALine) {
  Append("2026-01-02T03:04:05Z stdout F ha");
  auto reader = LogReader::Open(path_);
  ASSERT_TRUE(reader.has_value());
  EXPECT_TRUE(Contents(*reader).empty());
  Append("lf\n");
  EXPECT_EQ(Contents(*reader), (std::vector<std::string>{"half"}));
}

TEST_F(LogReaderTest, GoesOnInTheNewFileAfterARotation) {
  Append(Line("old"));
  auto reader = LogReader::Open(path_);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(Contents(*reader).size(), 1u);
  ASSERT_EQ(rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  Append(Line("new"));
  EXPECT_EQ(Contents(*reader), (std::vector<std::string>{"new"}));
}

TEST_F(LogReaderTest, TailPositionsOnTheLastLines) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += Line(std::to_string(i));
  Append(text);
  for (int64_t count :
       {int64_t{0}, int64_t{1}, int64_t{3}, int64_t{4999}, int64_t{5000}, int64_t{9000}}) {
    auto reader = LogReader::Open(path_);
    ASSERT_TRUE(reader.has_value());
    ASSERT_TRUE(reader->SeekToTail(count).has_value());
    std::vector<std::string> lines = Contents(*reader);
    EXPECT_EQ(lines.size(), static_cast<size_t>(std::min<int64_t>(count, 5000)));
    if (!lines.empty()) {
      EXPECT_EQ(lines.back(), "4999");
    }
  }
}

TEST_F(LogReaderTest, AMissingFileIsNotFound) {
  auto reader = LogReader::Open(path_);
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace onggi
