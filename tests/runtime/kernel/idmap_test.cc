#include "runtime/kernel/idmap.h"

#include <gtest/gtest.h>

#include "runtime/kernel/mount_api.h"
#include "tests/runtime/support/test_container.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::Outcome;
using ::onggi::testing::TestContainer;

TEST(IdMap, FormatsAsTheKernelReadsIt) {
  EXPECT_EQ(FormatIdMap({{0, 100000, 10}, {10, 5, 1}}), "0 100000 10\n10 5 1\n");
}

TEST(IdMap, AnIdmappedBindShowsOtherOwners) {
  TestContainer container;
  spec::Mount bind{.destination = "/data", .type = "bind", .source = container.directory()};
  bind.options = {"rbind", "idmap"};
  bind.uid_mappings = bind.gid_mappings = {{0, 1234, 10}};
  container.spec().mounts.push_back(bind);
  const Outcome outcome = container.RunShell("stat -c %u:%g /data");
  EXPECT_EQ(outcome.out, "1234:1234\n") << outcome.error;
}

TEST(IdMap, AUserNamespaceMapsRoot) {
  TestContainer container;
  container.spec().linux_.namespaces.push_back({"user", ""});
  container.spec().linux_.uid_mappings = {{0, 100000, 65536}};
  container.spec().linux_.gid_mappings = {{0, 200000, 65536}};
  const Outcome outcome = container.RunShell("id; cat /proc/self/uid_map /proc/self/gid_map");
  EXPECT_NE(outcome.out.find("uid=0"), std::string::npos) << outcome.error << outcome.out;
  EXPECT_NE(outcome.out.find("100000"), std::string::npos);
  EXPECT_NE(outcome.out.find("200000"), std::string::npos);
}

TEST(IdMap, AJoinedUserNamespaceOwnsTheOthers) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const UniqueFd user,
                             MakeMappingNamespace({{0, 100000, 65536}}, {{0, 100000, 65536}}));
  TestContainer container;
  container.options().namespaces = {{"user", user.get()}};
  const Outcome outcome = container.RunShell("cat /proc/self/uid_map; hostname x && hostname");
  EXPECT_NE(outcome.out.find("100000"), std::string::npos) << outcome.error << outcome.out;
}

}  // namespace
}  // namespace onggi
