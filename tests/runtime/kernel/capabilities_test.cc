#include "runtime/kernel/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

TEST(Capabilities, NamesStandAtTheKernelsNumbers) {
  ONGGI_ASSERT_OK_AND_ASSIGN(
      const CapabilitySets sets,
      ResolveCapabilities({.bounding = {"CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_SETFCAP"}}));
  EXPECT_EQ(sets.bounding, (1ULL << CAP_CHOWN) | (1ULL << CAP_SYS_ADMIN) | (1ULL << CAP_SETFCAP));
  EXPECT_EQ(sets.effective, 0U);
  EXPECT_EQ(CapabilityNames().size(), CAP_LAST_CAP + 1U);
  EXPECT_EQ(CapabilityNames()[CAP_AUDIT_READ], "CAP_AUDIT_READ");
}

TEST(Capabilities, RefusesWhatIsNone) {
  EXPECT_THAT(ResolveCapabilities({.effective = {"CAP_FLY"}}),
              ::onggi::testing::FailsWith(Code::kInvalidArgument, "CAP_FLY"));
}

}  // namespace
}  // namespace onggi
