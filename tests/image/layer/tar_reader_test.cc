#include "image/layer/tar_reader.h"

#include <gtest/gtest.h>

#include "tests/image/layer/compress.h"
#include "tests/image/layer/tar_builder.h"

namespace onggi {
namespace {

struct Read {
  LayerEntry entry;
  std::string data;
};

Result<std::vector<Read>> ReadTar(std::string_view bytes, TarLimits limits = {}) {
  StringSource source(bytes);
  BufferedBlocks blocks(source, 700);  // no multiple of 512: every header straddles somewhere
  TarReader tar(blocks, limits);
  std::vector<Read> all;
  while (true) {
    Read one;
    TRY_ASSIGN(bool more, tar.Next(one.entry));
    if (!more) break;
    while (true) {
      TRY_ASSIGN(std::string_view piece, tar.Data());
      if (piece.empty()) break;
      one.data.append(piece);
    }
    all.push_back(std::move(one));
  }
  TRY(tar.Drain());
  return all;
}

std::string Number(uint64_t value, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; value != 0; value /= 8) text[--i] = static_cast<char>('0' + value % 8);
  return text + std::string(1, '\0');
}

void FixChecksum(std::string& block) {
  block.replace(148, 8, 8, ' ');
  uint64_t sum = 0;
  for (char c : block) sum += static_cast<unsigned char>(c);
  block.replace(148, 8, Number(sum, 6) + " ");
}

TEST(TarReader, ReadsPaxOverrides) {
  std::string path(300, 'p');
  std::string tar = TarBuilder()
                        .Pax({{"path", path},
                              {"uid", "3000000000"},
                              {"gid", "5"},
                              {"mtime", "1700000000.123456789"},
                              {"comment", "ignored"},
                              {"SCHILY.xattr.user.a", "v"},
                              {"SCHILY.xattr.security.capability", std::string("\1\0\2", 3)}})
                        .File("short", "data")
                        .Pax({{"linkpath", std::string(200, 'l')}})
                        .Symlink("s", "short")
                        .File("plain", "x")
                        .End();
  Result<std::vector<Read>> all = ReadTar(tar);
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_EQ(all->size(), 3u);
  const LayerEntry& first = (*all)[0].entry;
  EXPECT_EQ(first.path, path);
  EXPECT_EQ(first.uid, 3000000000u);
  EXPECT_EQ(first.gid, 5u);
  EXPECT_EQ(first.mtime_ns, 1700000000123456789);
  EXPECT_EQ(first.xattrs.at("security.capability"), std::string("\1\0\2", 3));
  EXPECT_EQ((*all)[0].data, "data");
  EXPECT_EQ((*all)[1].entry.link_target, std::string(200, 'l'));
  EXPECT_TRUE((*all)[2].entry.xattrs.empty());
  EXPECT_EQ((*all)[2].entry.path, "plain");
}

TEST(TarReader, IgnoresGlobalPaxValuesAsOtherEnginesDo) {
  std::string tar = TarBuilder()
                        .Add({.type = 'g', .name = "g"}, FormatPaxRecord("path", "other"))
                        .File("a", "x")
                        .End();
  Result<std::vector<Read>> all = ReadTar(tar);
  ASSERT_TRUE(all);
  EXPECT_EQ((*all)[0].entry.path, "a");
}

TEST(TarReader, ReadsGnuLongNamesAndLinks) {
  std::string name(250, 'n');
  std::string link(180, 'k');
  std::string tar = TarBuilder()
                        .Add({.type = 'K', .name = "././@LongLink"}, link + std::string(1, '\0'))
                        .Add({.type = 'L', .name = "././@LongLink"}, name + std::string(1, '\0'))
                        .Symlink("short", "short")
                        .End();
  Result<std::vector<Read>> all = ReadTar(tar);
  ASSERT_TRUE(all);
  EXPECT_EQ((*all)[0].entry.path, name);
  EXPECT_EQ((*all)[0].entry.link_target, link);
}

TEST(TarReader, ReadsPrefixesBase256AndOldDirectories) {
  std::string block = FormatTarHeader({.type = '0', .name = "name", .mode = 0644});
  block.replace(345, 3, "dir");
  block.replace(108, 8, std::string("\x80\0\0\0\x80\0\0\1", 8));
  block.replace(136, 12, std::string(12, '\xff'));  // one second before 1970
  FixChecksum(block);
  std::string old = FormatTarHeader({.type = '0', .name = "olddir/", .mode = 0755});
  old.replace(156, 1, 1, '\0');
  old.replace(257, 8, 8, '\0');
  FixChecksum(old);
  Result<std::vector<Read>> all = ReadTar(TarBuilder().Raw(block).Raw(old).End());
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ((*all)[0].entry.path, "dir/name");
  EXPECT_EQ((*all)[0].entry.uid, 0x80000001u);
  EXPECT_EQ((*all)[0].entry.mtime_ns, -1'000'000'000);
  EXPECT_EQ((*all)[1].entry.type, EntryType::kDirectory);
}

TEST(TarReader, ExpandsEverySparseForm) {
  std::string want = std::string(1000, '\0') + "abcd" + std::string(996, '\0') + "xyz" +
                     std::string(100'000 - 2003, '\0');
  std::string data = "abcdxyz";
  std::string gnu = FormatTarHeader({.type = 'S', .name = "f", .mode = 0644, .size = 7});
  gnu.replace(257, 8, std::string("ustar  \0", 8));
  gnu.replace(386, 48, Number(1000, 11) + Number(4, 11) + Number(2000, 11) + Number(3, 11));
  gnu.replace(483, 12, Number(100'000, 11));
  FixChecksum(gnu);
  std::string map = "2\n1000\n4\n2000\n3\n";
  map.resize(512, '\0');
  std::vector<std::pair<std::string, std::string>> v0 = {
      {"GNU.sparse.size", "100000"}, {"GNU.sparse.numblocks", "2"}, {"GNU.sparse.offset", "1000"},
      {"GNU.sparse.numbytes", "4"},  {"GNU.sparse.offset", "2000"}, {"GNU.sparse.numbytes", "3"}};
  std::vector<std::pair<std::string, std::string>> v01 = {
      {"GNU.sparse.name", "f"}, {"GNU.sparse.size", "100000"}, {"GNU.sparse.map", "1000,4,2000,3"}};
  std::vector<std::pair<std::string, std::string>> v1 = {{"GNU.sparse.major", "1"},
                                                         {"GNU.sparse.minor", "0"},
                                                         {"GNU.sparse.name", "f"},
                                                         {"GNU.sparse.realsize", "100000"}};
  std::string tars[] = {
      TarBuilder().Raw(gnu).Padded(data).File("next", "n").End(),
      TarBuilder().Pax(v0).File("f", data).File("next", "n").End(),
      TarBuilder().Pax(v01).File("./GNUSparseFile.1/f", data).File("next", "n").End(),
      TarBuilder().Pax(v1).File("./GNUSparseFile.1/f", map + data).File("next", "n").End(),
  };
  for (const std::string& tar : tars) {
    Result<std::vector<Read>> all = ReadTar(tar);
    ASSERT_TRUE(all) << all.error().message();
    ASSERT_EQ(all->size(), 2u);
    EXPECT_EQ((*all)[0].entry.path, "f");
    EXPECT_EQ((*all)[0].entry.size, 100'000u);
    EXPECT_TRUE((*all)[0].data == want);
    EXPECT_EQ((*all)[1].data, "n");
  }
}

TEST(TarReader, RefusesSparseLies) {
  auto sparse = [](std::string size, std::string map, std::string data) {
    return TarBuilder()
        .Pax({{"GNU.sparse.size", size}, {"GNU.sparse.map", map}})
        .File("f", data)
        .End();
  };
  ASSERT_TRUE(ReadTar(sparse("10", "0,4", "abcd")));
  for (const std::string& tar :
       {sparse("10", "0,5", "abcd"), sparse("3", "0,4", "abcd"), sparse("10", "4,2,3,2", "abcd"),
        sparse("10", "0,4,1", "abcd"), sparse("10", "0,-4", "abcd"), sparse("-1", "0,4", "abcd"),
        sparse("10", "18446744073709551615,4", "abcd"),
        sparse("1152921504606846976", "0,4", "abcd")}) {
    Result<std::vector<Read>> all = ReadTar(tar);
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().code(), Code::kInvalidArgument);
  }
  std::string pairs;
  for (int i = 0; i < 200'000; ++i) pairs += "1,0,";
  EXPECT_FALSE(ReadTar(sparse("10", pairs + "0,0", "")));
  std::string count = "999999999\n";
  count.resize(512, '\0');
  EXPECT_FALSE(ReadTar(TarBuilder()
                           .Pax({{"GNU.sparse.major", "1"}, {"GNU.sparse.realsize", "9"}})
                           .File("f", count)
                           .End()));
}

TEST(TarReader, RefusesMalformedPax) {
  for (std::string records :
       {std::string("5 a=\n"), std::string("6 a=b"), std::string("99 path=x\n"),
        std::string("x path=x\n"), std::string("9 path=x "), std::string("4 a\n"),
        std::string("5 =b\n"), std::string("18446744073709551616 a=b\n"),
        FormatPaxRecord("path", std::string("a\0b", 3)), FormatPaxRecord("size", "-1"),
        FormatPaxRecord("size", "9223372036854775808"), FormatPaxRecord("uid", "1x"),
        FormatPaxRecord("uid", "4294967295"), FormatPaxRecord("gid", "-1"),
        FormatPaxRecord("mtime", "never"), FormatPaxRecord("SCHILY.xattr.", "v")}) {
    std::string tar = TarBuilder().Add({.type = 'x', .name = "x"}, records).File("a").End();
    Result<std::vector<Read>> all = ReadTar(tar);
    if (records == "5 a=\n") {
      EXPECT_TRUE(all);  // an empty value is well-formed
      continue;
    }
    ASSERT_FALSE(all) << records;
    EXPECT_EQ(all.error().code(), Code::kInvalidArgument) << records;
  }
}

TEST(TarReader, BoundsWhatItHoldsInMemory) {
  std::string huge = FormatTarHeader({.type = 'x', .name = "x", .size = (1 << 20) + 1});
  EXPECT_EQ(ReadTar(huge).error().code(), Code::kInvalidArgument);
  std::string name = FormatTarHeader({.type = 'L', .name = "x", .size = 1 << 20});
  EXPECT_EQ(ReadTar(name).error().code(), Code::kInvalidArgument);
  EXPECT_FALSE(ReadTar(TarBuilder().Pax({{"path", std::string(5000, 'p')}}).File("a").End()));
  EXPECT_FALSE(ReadTar(TarBuilder().File("a").File("b").File("c").End(), {.max_entries = 2}));
}

TEST(TarReader, RefusesDamagedHeaders) {
  std::string good = TarBuilder().File("a", "x").End();
  std::string checksum = good;
  checksum[0] ^= 1;
  EXPECT_EQ(ReadTar(checksum).error().code(), Code::kDataLoss);
  std::string lone = TarBuilder().File("a").Raw(std::string(512, '\0')).File("b").End();
  EXPECT_EQ(ReadTar(lone).error().code(), Code::kDataLoss);
  std::string meta = TarBuilder().Pax({{"path", "x"}}).End();
  EXPECT_EQ(ReadTar(meta).error().code(), Code::kDataLoss);
  std::string type = TarBuilder().Add({.type = 'M', .name = "a"}).End();
  EXPECT_EQ(ReadTar(type).error().code(), Code::kInvalidArgument);
  std::string size = FormatTarHeader({.type = '0', .name = "a"});
  size.replace(124, 12, std::string(12, '\xff'));  // -1
  FixChecksum(size);
  EXPECT_EQ(ReadTar(size).error().code(), Code::kInvalidArgument);
  std::string octal = FormatTarHeader({.type = '0', .name = "a"});
  octal.replace(100, 8, "00009x0\0", 8);
  FixChecksum(octal);
  EXPECT_EQ(ReadTar(octal).error().code(), Code::kInvalidArgument);
}

TEST(TarReader, AcceptsAnEndWithoutZeros) {
  Result<std::vector<Read>> all = ReadTar(TarBuilder().File("a", "x").unfinished());
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 1u);
}

TEST(TarReader, DoesNotReadDataThatLinksClaim) {
  // A size on a link is no promise of bytes.
  std::string link = FormatTarHeader({.type = '1', .name = "l", .link_name = "a", .size = 1000});
  Result<std::vector<Read>> all = ReadTar(TarBuilder().File("a").Raw(link).File("b", "x").End());
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ(all->size(), 3u);
}

}  // namespace
}  // namespace onggi
