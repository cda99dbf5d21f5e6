#include "runtime/monitor/seccomp_cache.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/child_process.h"
#include "base/file_io.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

spec::Spec Profile(const std::string& call) {
  spec::Spec spec;
  spec.linux_.seccomp.emplace();
  spec.linux_.seccomp->default_action = "SCMP_ACT_ALLOW";
  spec.linux_.seccomp->syscalls = {{.names = {call}, .action = "SCMP_ACT_ERRNO"}};
  return spec;
}

bool Same(const SeccompCache::Program& a, const SeccompCache::Program& b) {
  return a->size() == b->size() &&
         memcmp(a->data(), b->data(), a->size() * sizeof(sock_filter)) == 0;
}

class SeccompCacheTest : public ::testing::Test {
 protected:
  std::vector<std::string> Files() {
    auto out = RunCommand({.argv = {"/bin/ls", tree_ / "cache"}});
    EXPECT_THAT(out, IsOk());
    std::vector<std::string> names;
    size_t at = 0;
    while (at < out->out.size()) {
      size_t end = out->out.find('\n', at);
      names.push_back(out->out.substr(at, end - at));
      at = end + 1;
    }
    return names;
  }
  testing::TempTree tree_;
};

TEST_F(SeccompCacheTest, NoProfileIsNoProgram) {
  SeccompCache cache(tree_ / "cache");
  auto program = cache.Get(spec::Spec());
  ASSERT_THAT(program, IsOk());
  EXPECT_EQ(*program, nullptr);
}

TEST_F(SeccompCacheTest, ContainersOfAPodShareOneProgram) {
  SeccompCache cache("");
  auto first = cache.Get(Profile("mkdir"));
  auto second = cache.Get(Profile("mkdir"));
  auto other = cache.Get(Profile("rmdir"));
  ASSERT_TRUE(first && second && other);
  EXPECT_EQ(*first, *second);
  EXPECT_FALSE(Same(*first, *other));
}

TEST_F(SeccompCacheTest, OtherPodsTakeItFromTheDirectory) {
  auto first = SeccompCache(tree_ / "cache").Get(Profile("mkdir"));
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(Files().size(), 1U);
  auto second = SeccompCache(tree_ / "cache").Get(Profile("mkdir"));
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(Same(*first, *second));
  EXPECT_EQ(Files().size(), 1U);
}

TEST_F(SeccompCacheTest, FileOfAnotherProfileOrADamagedOneIsNotUsed) {
  auto right = SeccompCache(tree_ / "cache").Get(Profile("mkdir"));
  ASSERT_THAT(right, IsOk());
  std::string file = "cache/" + Files().at(0);
  std::string good = tree_.Read(file);
  for (const std::string& bad :
       {std::string(), good.substr(0, good.size() - 3), "x" + good, good.substr(0, 20)}) {
    ASSERT_THAT(WriteFileAtomic(tree_ / file, bad), IsOk());
    auto program = SeccompCache(tree_ / "cache").Get(Profile("mkdir"));
    ASSERT_THAT(program, IsOk());
    EXPECT_TRUE(Same(*program, *right));
    EXPECT_EQ(tree_.Read(file), good);  // put right on the way
  }
}

TEST_F(SeccompCacheTest, ErrorOfTheProfileComesBackWithItsCode) {
  spec::Spec spec = Profile("mkdir");
  spec.linux_.seccomp->default_action = "SCMP_ACT_WISH";
  EXPECT_THAT(SeccompCache("").Get(spec), FailsWith(Code::kInvalidArgument, "SCMP_ACT_WISH"));
}

TEST_F(SeccompCacheTest, DirectoryThatCannotBeMadeCostsOnlyTime) {
  tree_.File("cache");  // in the way
  EXPECT_THAT(SeccompCache(tree_ / "cache").Get(Profile("mkdir")), IsOk());
}

}  // namespace
}  // namespace onggi
