#include "runtime/state/seccomp_cache.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "runtime/kernel/seccomp.h"
#include "tests/runtime/support/default_profile.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::SmallProfile;

bool Equal(const std::vector<sock_filter>& one, const std::vector<sock_filter>& two) {
  return one.size() == two.size() &&
         std::memcmp(one.data(), two.data(), one.size() * sizeof(sock_filter)) == 0;
}

size_t FilesIn(const std::string& root) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(root + "/.seccomp"),
                                           std::filesystem::directory_iterator()));
}

TEST(SeccompCache, GivesWhatTheCompilerGives) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const TempDir root, TempDir::Make());
  ONGGI_ASSERT_OK_AND_ASSIGN(const auto compiled, CompileSeccomp(SmallProfile()));
  for (int i = 0; i < 2; ++i) {
    ONGGI_ASSERT_OK_AND_ASSIGN(const auto cached, CachedSeccomp(root.path(), SmallProfile()));
    EXPECT_TRUE(Equal(cached, compiled));
  }
  EXPECT_EQ(FilesIn(root.path()), 1U);
}

TEST(SeccompCache, AnyDifferenceIsAnotherProfile) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const TempDir root, TempDir::Make());
  spec::Seccomp other = SmallProfile();
  other.syscalls[2].args[0].value = 0x20001;
  ONGGI_ASSERT_OK_AND_ASSIGN(const auto one, CachedSeccomp(root.path(), SmallProfile()));
  ONGGI_ASSERT_OK_AND_ASSIGN(const auto two, CachedSeccomp(root.path(), other));
  EXPECT_FALSE(Equal(one, two));
  EXPECT_EQ(FilesIn(root.path()), 2U);
}

TEST(SeccompCache, DamageCostsACompilationOnly) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const TempDir root, TempDir::Make());
  ONGGI_ASSERT_OK_AND_ASSIGN(const auto compiled, CachedSeccomp(root.path(), SmallProfile()));
  for (const auto& file : std::filesystem::directory_iterator(root.path() + "/.seccomp")) {
    std::filesystem::resize_file(file.path(), 100);
  }
  ONGGI_ASSERT_OK_AND_ASSIGN(const auto again, CachedSeccomp(root.path(), SmallProfile()));
  EXPECT_TRUE(Equal(again, compiled));
}

}  // namespace
}  // namespace onggi
