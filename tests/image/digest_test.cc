#include "image/digest.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

const std::string kEmpty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Digest, NamesBytes) {
  EXPECT_EQ(Digest::Of("").text(), kEmpty);
  EXPECT_EQ(Digest::Of("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest::Of("abc").algorithm(), "sha256");
}

TEST(Digest, StreamsTheSameAsWhole) {
  Sha256 hash;
  hash.Update("a");
  hash.Update("");
  hash.Update("bc");
  EXPECT_EQ(hash.Finish(), Digest::Of("abc"));
}

TEST(Digest, ParsesItsOwnText) {
  Result<Digest> digest = Digest::Parse(kEmpty);
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, Digest::Of(""));
  EXPECT_FALSE(digest->empty());
  EXPECT_TRUE(Digest().empty());
  EXPECT_EQ(Digest().hex(), "");
  EXPECT_EQ(Digest().algorithm(), "");
}

TEST(Digest, RefusesWhatIsNone) {
  std::string hex = kEmpty.substr(7);
  for (const std::string& text : std::vector<std::string>{
           "", std::string("sha256"), std::string("sha256:"), hex, ":" + hex,
           "sha256:" + hex.substr(1), "sha256:" + hex + "0", "sha256:" + hex.substr(0, 63) + "G",
           "SHA256:" + hex, "sha256:E3" + hex.substr(2),
           std::string("md5:d41d8cd98f00b204e9800998ecf8427e"),
           std::string("sha256:../../../../etc/passwd"), "sha256:" + hex.substr(0, 63) + "/",
           kEmpty + "\n", " " + kEmpty, "sha256:" + std::string("\0", 1) + hex.substr(1),
           "sha256+b64:" + hex, "sha512:" + hex}) {
    Result<Digest> digest = Digest::Parse(text);
    ASSERT_FALSE(digest) << text;
    EXPECT_EQ(digest.error().code(), Code::kInvalidArgument) << text;
    EXPECT_FALSE(Digest::ParseAny(text)) << text;
  }
}

TEST(Digest, KnowsSha512ButTakesNoContentByIt) {
  std::string text = "sha512:" + std::string(128, 'a');
  ASSERT_TRUE(Digest::ParseAny(text));
  EXPECT_EQ(Digest::ParseAny(text)->algorithm(), "sha512");
  EXPECT_FALSE(Digest::Parse(text));
}

TEST(Digest, ErrorDoesNotRepeatMegabytes) {
  EXPECT_LT(Digest::Parse(std::string(1 << 20, 'x')).error().message().size(), 1000u);
}

TEST(ChainIds, HashEachStepOnTheOneBefore) {
  Digest a = Digest::Of("a");
  Digest b = Digest::Of("b");
  Digest c = Digest::Of("c");
  std::vector<Digest> chain = ChainIds({a, b, c});
  ASSERT_EQ(chain.size(), 3u);
  EXPECT_EQ(chain[0], a);
  EXPECT_EQ(chain[1], Digest::Of(a.text() + " " + b.text()));
  EXPECT_EQ(chain[2], Digest::Of(chain[1].text() + " " + c.text()));
  EXPECT_TRUE(ChainIds({}).empty());
}

}  // namespace
}  // namespace onggi
