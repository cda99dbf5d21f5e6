#include "runtime/monitor/cri_log.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/client/monitor_protocol.h"
#include "tests/runtime/monitor/cri_records.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::CriRecord;
using testing::IsOk;
using testing::JoinStream;
using testing::ParseCriLog;
using Stream = CriLog::Stream;

class CriLogTest : public ::testing::Test {
 protected:
  CriLog Open(size_t max_line) {
    auto file = LogFile::Open(tree_ / "0.log");
    EXPECT_THAT(file, IsOk());
    return CriLog(std::move(*file), max_line);
  }
  std::vector<CriRecord> Records() {
    auto records = ParseCriLog(tree_.Read("0.log"));
    EXPECT_THAT(records, IsOk());
    return records ? *records : std::vector<CriRecord>();
  }

  testing::TempTree tree_;
  LogBatch batch_;
};

TEST_F(CriLogTest, WholeLinesAreFull) {
  CriLog log = Open(100);
  log.Write(Stream::kStdout, "one\ntwo\n", batch_);
  log.Write(Stream::kStderr, "three\n", batch_);
  auto records = Records();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[1].content, "two");
  EXPECT_FALSE(records[1].partial);
  EXPECT_EQ(records[2].stream, "stderr");
}

TEST_F(CriLogTest, LineThatComesInPiecesIsOneRecord) {
  CriLog log = Open(100);
  for (const char* piece : {"a", "b", "c\nd"}) log.Write(Stream::kStdout, piece, batch_);
  auto records = Records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].content, "abc");
}

TEST_F(CriLogTest, LineOfExactlyTheLimitIsNotSplit) {
  CriLog log = Open(5);
  log.Write(Stream::kStdout, "12345\n123456\n", batch_);
  log.Write(Stream::kStdout, "12345", batch_);
  log.Write(Stream::kStdout, "\n", batch_);
  auto records = Records();
  ASSERT_EQ(records.size(), 4U);
  EXPECT_FALSE(records[0].partial);
  EXPECT_TRUE(records[1].partial);
  EXPECT_EQ(records[1].content, "12345");
  EXPECT_EQ(records[2].content, "6");
  EXPECT_FALSE(records[3].partial);
}

TEST_F(CriLogTest, EndWithoutNewlineIsPartial) {
  CriLog log = Open(100);
  log.Write(Stream::kStdout, "no newline", batch_);
  EXPECT_TRUE(Records().empty());
  log.Finish(Stream::kStdout, batch_);
  log.Finish(Stream::kStderr, batch_);
  auto records = Records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_TRUE(records[0].partial);
  EXPECT_EQ(records[0].content, "no newline");
}

TEST_F(CriLogTest, ContentCannotForgeARecord) {
  CriLog log = Open(200);
  std::string forged = "x\r2026-01-01T00:00:00.000000000Z stderr F forged\x1b[2J\n\r\n";
  log.Write(Stream::kStdout, forged, batch_);
  auto records = Records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(JoinStream(records, "stdout"), forged);
  EXPECT_EQ(JoinStream(records, "stderr"), "");
}

TEST_F(CriLogTest, EmptyLinesFillTheBatchManyTimes) {
  CriLog log = Open(100);
  std::string lines(60'000, '\n');
  log.Write(Stream::kStdout, lines, batch_);
  EXPECT_EQ(JoinStream(Records(), "stdout"), lines);
}

TEST_F(CriLogTest, RandomBytesComeBackFromTheLog) {
  CriLog log = Open(97);
  std::mt19937 random(7);
  std::string sent[2];
  for (int i = 0; i < 3000; ++i) {
    std::string chunk(random() % 400, 'x');
    for (char& c : chunk) c = static_cast<char>(random() % 20 == 0 ? '\n' : random());
    int stream = static_cast<int>(random() % 2);
    sent[stream] += chunk;
    log.Write(static_cast<Stream>(stream), chunk, batch_);
    if (i % 1000 == 500) {
      ASSERT_THAT(log.Reopen(), IsOk());
    }
  }
  log.Finish(Stream::kStdout, batch_);
  log.Finish(Stream::kStderr, batch_);
  auto records = Records();
  EXPECT_EQ(JoinStream(records, "stdout"), sent[0]);
  EXPECT_EQ(JoinStream(records, "stderr"), sent[1]);
  for (const auto& record : records) EXPECT_LE(record.content.size(), 97U);
}

TEST_F(CriLogTest, LongestLineThatMayBeAskedForFits) {
  CriLog log = Open(kMaxLogLine);
  std::string line(kMaxLogLine, 'y');
  log.Write(Stream::kStdout, line + "\n", batch_);
  auto records = Records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].content, line);
}

}  // namespace
}  // namespace onggi
