#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

// What BODY writes to stderr.
template <typename Body>
std::string Captured(Body body) {
  Pipe pipe = MakePipe().value();
  int saved = dup(STDERR_FILENO);
  (void)dup2(pipe.write.get(), STDERR_FILENO);  // restored below
  body();
  (void)dup2(saved, STDERR_FILENO);
  (void)close(saved);
  pipe.write.reset();
  return ReadAll(pipe.read.get()).value();
}

TEST(Log, OneLineOfFields) {
  std::string line = Captured([] {
    LOG(kInfo, "container started", {"id", "3f2a"}, {"ms", 12}, {"empty", ""});
  });
  EXPECT_TRUE(::testing::internal::RE::FullMatch(
      line, ::testing::internal::RE(
                "time=....-..-..T..:..:......Z level=info msg=\"container started\" id=3f2a ms=12 "
                "empty=\"\"\n")))
      << line;
}

TEST(Log, TextCannotForgeALine) {
  std::string line = Captured([] {
    LOG(kError, "x", {"name", "a\nlevel=error msg=\"\\ \x1b[31m"});
  });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_NE(line.find(R"(name="a\nlevel=error msg=\"\\ \x1b[31m")"), std::string::npos) << line;
}

TEST(Log, LevelsBelowAreDropped) {
  SetLogLevel(LogLevel::kWarn);
  std::string text = Captured([] {
    LOG(kInfo, "quiet");
    LOG(kWarn, "loud");
  });
  SetLogLevel(LogLevel::kInfo);
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_NE(text.find("loud"), std::string::npos);
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
}

}  // namespace
}  // namespace onggi
