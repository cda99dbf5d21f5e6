#include "network/conflist.h"

#include <gmock/gmock.h>

#include "network/cni_result.h"
#include "network/conflist_directory.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;

TEST(Conflist, AcceptsListsAndSinglePlugins) {
  ONGGI_ASSERT_OK_AND_ASSIGN(
      Conflist list,
      ParseConflist(R"({"name":"n","cniVersion":"1.0.0","plugins":[{"type":"a"}]})", "f"));
  EXPECT_EQ(list.name, "n");
  EXPECT_EQ(list.plugins.size(), 1U);
  ONGGI_ASSERT_OK_AND_ASSIGN(Conflist single, ParseConflist(R"({"name":"s","type":"a"})", "f"));
  EXPECT_EQ(single.cni_version, "0.3.1");
  EXPECT_EQ(single.plugins.size(), 1U);
  ONGGI_ASSERT_OK_AND_ASSIGN(
      Conflist several,
      ParseConflist(R"({"name":"s","type":"a","cniVersions":["0.4.0","1.1.0","9.0.0"]})", "f"));
  EXPECT_EQ(several.cni_version, "1.1.0");
}

TEST(Conflist, RefusesWhatItCannotUseAndNamesTheFile) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case kCases[] = {
      {"", "f.conflist"},
      {"[]", "f.conflist"},
      {R"({"plugins":[{"type":"a"}]})", "name"},
      {R"({"name":"../x","plugins":[{"type":"a"}]})", "name"},
      {R"({"name":"a/b","plugins":[{"type":"a"}]})", "name"},
      {R"({"name":"n","plugins":[]})", "plugins"},
      {R"({"name":"n","plugins":{}})", "plugins"},
      {R"({"name":"n","plugins":[1]})", "not an object"},
      {R"({"name":"n","plugins":[{}]})", "type"},
      {R"({"name":"n","plugins":[{"type":"../../tmp/x"}]})", "plain name"},
      {R"({"name":"n","plugins":[{"type":".x"}]})", "plain name"},
      {R"({"name":"n","cniVersion":"2.0.0","plugins":[{"type":"a"}]})", "0.3.0 to 1.1.0"},
      {R"({"name":"n","cniVersion":1,"plugins":[{"type":"a"}]})", "cniVersion"},
  };
  for (const Case& c : kCases) {
    EXPECT_THAT(ParseConflist(c.text, "f.conflist"), FailsWith(Code::kInvalidArgument, c.message))
        << c.text;
    EXPECT_THAT(ParseConflist(c.text, "f.conflist").error().message(), HasSubstr("f.conflist"));
  }
}

TEST(ConflistDirectory, ReadsInLexicalOrderAndAgainWhenAFileChanges) {
  TempTree tree;
  ConflistDirectory directory(tree / "conf");
  EXPECT_TRUE(directory.Get()->valid.empty());
  tree.File("conf/20-b.conf", R"({"name":"b","type":"x"})");
  tree.File("conf/10-bad.conflist", "{");
  tree.File("conf/30-c.json", R"({"name":"c","type":"x"})");
  tree.File("conf/00-ignored.txt", R"({"name":"z","type":"x"})");
  auto lists = directory.Get();
  ASSERT_EQ(lists->valid.size(), 2U);
  EXPECT_EQ(lists->valid[0].name, "b");
  EXPECT_EQ(lists->valid[1].name, "c");
  ASSERT_EQ(lists->problems.size(), 1U);
  EXPECT_THAT(lists->problems[0], HasSubstr("10-bad.conflist"));
  EXPECT_EQ(directory.Get(), lists);  // nothing changed, nothing read
  tree.File("conf/20-b.conf", R"({"name":"bb","type":"x"})");
  EXPECT_EQ(directory.Get()->valid[0].name, "bb");
}

TEST(CniResult, HostileResultsAreRefused) {
  std::string many = R"({"ips":[)";
  for (int i = 0; i < 300; ++i) many += R"({"address":"10.0.0.1/8"},)";
  many.back() = ']';
  many += "}";
  const std::string kCases[] = {
      "",
      "null",
      "[]",
      "{",
      R"({"ips":{}})",
      R"({"ips":[{}]})",
      R"({"ips":[{"address":7}]})",
      R"({"ips":[{"address":"10.0.0.1/33"}]})",
      R"({"ips":[{"address":"10.0.0.1/8","gateway":"x"}]})",
      R"({"ips":[{"address":"10.0.0.1/8","interface":0}]})",
      R"({"ips":[{"address":"10.0.0.1/8","interface":-2}]})",
      R"({"interfaces":[{"name":"../../etc"}]})",
      R"({"interfaces":[{"name":"a-name-far-too-long"}]})",
      R"({"routes":[{"dst":"everywhere"}]})",
      R"({"dns":{"nameservers":["1.1.1.1\nsearch evil"]}})",
      R"({"dns":[]})",
      many,
      std::string(2 << 20, ' '),
      std::string(1000, '['),
  };
  for (const std::string& text : kCases)
    EXPECT_THAT(ParseCniResult(text), FailsWith(Code::kInvalidArgument)) << text.substr(0, 100);
}

TEST(CniResult, AddressesOfTheHostSideAreNotThePods) {
  ONGGI_ASSERT_OK_AND_ASSIGN(
      Json result, ParseCniResult(R"({"interfaces":[{"name":"br"},{"name":"eth0","sandbox":"/x"}],
        "ips":[{"address":"10.0.0.1/8","interface":0},{"address":"10.0.0.2/8","interface":1},
               {"address":"fd00::2/64"}]})"));
  ONGGI_ASSERT_OK_AND_ASSIGN(auto addresses, AddressesOf(result));
  ASSERT_EQ(addresses.size(), 2U);
  EXPECT_EQ(addresses[0].Text(), "10.0.0.2");
  EXPECT_EQ(addresses[1].Text(), "fd00::2");
}

}  // namespace
}  // namespace onggi::testing
