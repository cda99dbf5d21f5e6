// The table of layers that try to write outside their root, for any LayerSink that unpacks into a
// directory. Beside the root lies a canary tree; whatever a layer says, the canary stays as it was,
// to the last time stamp and link count, and nothing appears beside it.
//
//   RunBreakout(one, [](const std::string& directory) { return MakeMySink(directory); });
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "image/layer/apply.h"
#include "tests/image/layer/tar_builder.h"

namespace onggi {

struct Breakout {
  std::string name;
  // The layer, made for a canary at the absolute path CANARY ("../canary" from the layer's root).
  std::function<TarBuilder(const std::string& canary)> layer;
  bool must_refuse = false;  // else it may also be taken, with all of it inside the root
};

inline TarBuilder LinkThen(const std::string& target) {
  return TarBuilder().Symlink("link", target);
}

inline TarHeader Node(char type, std::string name) {
  return {
      .type = type, .name = std::move(name), .mode = 0666, .device_major = 1, .device_minor = 3};
}

inline TarHeader LongName(size_t) {
  return {.type = 'L', .name = "././@LongLink"};
}

// Names that no layer may hold.
inline std::vector<Breakout> BadNameBreakouts() {
  auto file = [](std::string name) {
    return [name](const std::string&) { return TarBuilder().File(name, "evil"); };
  };
  std::vector<Breakout> cases = {
      {"dot-dot file", file("../canary/file"), true},
      {"dot-dot inside a path", file("a/../../canary/file"), true},
      {"dot-dot at the end", file("a/.."), true},
      {"absolute dot-dot", file("/../canary/file"), true},
      {"whiteout of dot-dot", file(".wh..."), true},
      {"whiteout of dot", file(".wh.."), true},
      {"whiteout of nothing", file(".wh."), true},
      {"whiteout outside", file("../.wh.canary"), true},
      {"opaque outside", file("../canary/.wh..wh..opq"), true},
      {"file as the root", file("."), true},
  };
  cases.push_back({"dot-dot directory",
                   [](const std::string&) { return TarBuilder().Dir("../", 0777); }, true});
  cases.push_back({"pax path",
                   [](const std::string&) {
                     return TarBuilder().Pax({{"path", "../canary/file"}}).File("ok", "evil");
                   },
                   true});
  cases.push_back({"GNU long name",
                   [](const std::string&) {
                     return TarBuilder().Add(LongName(0), "../canary/file").File("ok", "evil");
                   },
                   true});
  cases.push_back({"sparse name",
                   [](const std::string&) {
                     return TarBuilder()
                         .Pax({{"GNU.sparse.name", "../canary/file"},
                               {"GNU.sparse.size", "4"},
                               {"GNU.sparse.map", "0,4"}})
                         .File("ok", "evil");
                   },
                   true});
  cases.push_back({"hard link dot-dot",
                   [](const std::string&) {
                     return TarBuilder().HardLink("h", "../canary/file").File("h", "evil");
                   },
                   true});
  cases.push_back({"hard link by pax linkpath",
                   [](const std::string&) {
                     return TarBuilder().Pax({{"linkpath", "../canary/file"}}).HardLink("h", "ok");
                   },
                   true});
  return cases;
}

// Entries below a symbolic link that points out.
inline std::vector<Breakout> LinkedParentBreakouts() {
  std::vector<Breakout> cases = {
      {"absolute path",
       [](const std::string& c) { return TarBuilder().File(c + "/file", "evil"); }},
      {"file through absolute link",
       [](const std::string& c) { return LinkThen(c).File("link/file", "evil"); }},
      {"file through relative link",
       [](const std::string&) { return LinkThen("../canary").File("link/file", "evil"); }},
      {"file through climbing link",
       [](const std::string&) { return LinkThen("..").File("link/canary/file", "evil"); }},
      {"file through chain of links",
       [](const std::string& c) {
         return LinkThen("two").Symlink("two", "three").Symlink("three", c).File("link/file", "e");
       }},
      {"file through nested link",
       [](const std::string&) {
         return TarBuilder().Dir("d/").Symlink("d/up", "../..").File("d/up/canary/file", "evil");
       }},
      {"file through /proc",
       [](const std::string& c) {
         return LinkThen("/proc/self/root").File("link" + c + "/file", "evil");
       }},
      {"file through working directory",
       [](const std::string&) { return LinkThen("/proc/self/cwd").File("link/evil", "evil"); }},
      {"directory through link",
       [](const std::string& c) { return LinkThen(c).Dir("link/new/", 0777); }},
      {"link through link",
       [](const std::string& c) { return LinkThen(c).Symlink("link/new", "x"); }},
      {"device through link",
       [](const std::string& c) { return LinkThen(c).Add(Node('3', "link/null")); }},
      {"fifo through link",
       [](const std::string& c) { return LinkThen(c).Add(Node('6', "link/fifo")); }},
      {"whiteout through link",
       [](const std::string& c) { return LinkThen(c).File("link/.wh.file"); }},
      {"whiteout through climbing link",
       [](const std::string&) { return LinkThen("..").File("link/.wh.canary"); }},
      {"opaque through link",
       [](const std::string& c) { return LinkThen(c).File("link/.wh..wh..opq"); }},
      {"hard link target through link",
       [](const std::string& c) {
         return LinkThen(c).HardLink("h", "link/file").File("h", "evil");
       }},
      {"hard link name through link",
       [](const std::string& c) { return LinkThen(c).File("f", "e").HardLink("link/file", "f"); }},
  };
  cases.push_back({"loop of links", [](const std::string&) {
                     return LinkThen("two").Symlink("two", "link").File("link/file", "evil");
                   }});
  return cases;
}

// Entries that replace or sit on a symbolic link that points out.
inline std::vector<Breakout> ReplacementBreakouts() {
  return {
      {"absolute hard link",
       [](const std::string& c) {
         return TarBuilder().HardLink("h", c + "/file").File("h", "evil");
       }},
      {"hard link to a link",
       [](const std::string& c) {
         return LinkThen(c + "/file").HardLink("h", "link").File("h", "evil", 0777);
       }},
      {"file over link",
       [](const std::string& c) { return LinkThen(c + "/file").File("link", "evil", 0777); }},
      {"directory over link",
       [](const std::string& c) { return LinkThen(c).Dir("link/", 0777).File("link/file", "e"); }},
      {"directory over link with a dot",
       [](const std::string& c) { return LinkThen(c).Dir("link/.", 0777); }},
      {"directory replaced by link",
       [](const std::string& c) {
         return TarBuilder().Dir("link/").File("link/a").Symlink("link", c).File("link/file", "e");
       }},
      {"directory times after replacement",
       [](const std::string& c) {
         return TarBuilder().Dir("link/").Symlink("link", c).Dir("other/");
       }},
      {"owner and time of a link",
       [](const std::string& c) {
         return TarBuilder().Add({.type = '2',
                                  .name = "l",
                                  .link_name = c + "/file",
                                  .mode = 0777,
                                  .uid = 1234,
                                  .gid = 1234,
                                  .mtime_s = 4242});
       }},
      {"xattr of a link",
       [](const std::string& c) {
         return TarBuilder()
             .Pax({{"SCHILY.xattr.trusted.evil", "1"}, {"SCHILY.xattr.user.evil", "1"}})
             .Symlink("l", c + "/file");
       }},
      {"device over directory",
       [](const std::string&) {
         return TarBuilder().Dir("d/").Add(Node('3', "d")).File("d/file", "evil");
       }},
      {"link over the root",
       [](const std::string& c) { return TarBuilder().Symlink("./", c).File("file", "evil"); }},
      {"hard link to a directory",
       [](const std::string&) { return TarBuilder().Dir("d/").HardLink("h", "d"); }},
  };
}

inline std::vector<Breakout> AllBreakouts() {
  std::vector<Breakout> all = BadNameBreakouts();
  for (auto part : {LinkedParentBreakouts(), ReplacementBreakouts()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// Everything that can be seen of one tree: names, types, modes, owners, times, links, bytes,
// xattrs.
inline std::string Fingerprint(const std::string& path) {
  std::string out;
  auto add = [&out](const std::string& at) {
    struct stat info;
    if (lstat(at.c_str(), &info) != 0) return;
    for (int64_t number :
         {int64_t{info.st_mode}, int64_t{info.st_uid}, int64_t{info.st_gid},
          int64_t{info.st_mtim.tv_sec}, int64_t{info.st_mtim.tv_nsec}, int64_t{info.st_ctim.tv_sec},
          int64_t{info.st_ctim.tv_nsec}, static_cast<int64_t>(info.st_nlink)}) {
      out += std::to_string(number) + " ";
    }
    char names[1024] = {};
    ssize_t size = llistxattr(at.c_str(), names, sizeof(names));
    out += at + " " + std::string(names, size > 0 ? static_cast<size_t>(size) : 0);
    if (S_ISREG(info.st_mode)) out += ReadFile(at).value_or("unreadable");
    out += "\n";
  };
  add(path);
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& at : paths) add(at);
  return out;
}

using SinkFactory = std::function<std::unique_ptr<LayerSink>(const std::string& directory)>;

inline void RunBreakout(const Breakout& breakout, const SinkFactory& make_sink) {
  SCOPED_TRACE(breakout.name);
  Result<TempDir> dir = TempDir::Make();
  ASSERT_TRUE(dir);
  std::string canary = dir->path() + "/canary";
  std::string root = dir->path() + "/root";
  ASSERT_TRUE(MakeDirs(canary + "/inner"));
  ASSERT_TRUE(MakeDirs(root));
  ASSERT_TRUE(WriteFileAtomic(canary + "/file", "canary"));
  ASSERT_TRUE(WriteFileAtomic(canary + "/inner/file", "canary"));
  std::string before = Fingerprint(canary);

  std::string tar = breakout.layer(canary).End();
  {
    std::unique_ptr<LayerSink> sink = make_sink(root);
    StringSource source(tar);
    Result<ApplyResult> result = ApplyLayer(source, *sink);
    if (breakout.must_refuse) {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code(), Code::kInvalidArgument) << result.error().message();
    }
  }

  EXPECT_EQ(Fingerprint(canary), before);
  std::vector<std::string> beside;
  for (const auto& entry : std::filesystem::directory_iterator(dir->path())) {
    beside.push_back(entry.path().filename());
  }
  std::sort(beside.begin(), beside.end());
  EXPECT_EQ(beside, (std::vector<std::string>{"canary", "root"}));
  struct stat info;
  ASSERT_EQ(lstat(root.c_str(), &info), 0);
  EXPECT_TRUE(S_ISDIR(info.st_mode));
}

}  // namespace onggi
