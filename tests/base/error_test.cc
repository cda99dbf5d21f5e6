#include "base/error.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

TEST(Error, WrapPutsTheOutermostFirst) {
  Error error = SysError("mount(proc)", EPERM);
  error = std::move(error).Wrap("start container 3f2a");
  EXPECT_EQ(error.message(), "start container 3f2a: mount(proc): Operation not permitted");
  EXPECT_EQ(error.sys_errno(), EPERM);
}

TEST(Error, AFullDiskIsResourceExhausted) {
  for (int full : {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM}) {
    EXPECT_EQ(SysError("write", full).code(), Code::kResourceExhausted) << full;
  }
}

TEST(Error, OtherErrnoSaysNothingAboutTheCaller) {
  for (int other : {ENOENT, EINVAL, EPERM, EEXIST})
    EXPECT_EQ(SysError("open", other).code(), Code::kInternal) << other;
}

TEST(Error, CloneIsEqualAndIndependent) {
  Error error = NotFound("no image x");
  Error copy = error.Clone();
  copy = std::move(copy).Wrap("pull");
  EXPECT_EQ(error.message(), "no image x");
  EXPECT_EQ(copy.message(), "pull: no image x");
  EXPECT_EQ(copy.code(), Code::kNotFound);
}

TEST(Error, CodeNamesAreWhatClientsKnow) {
  EXPECT_EQ(CodeName(Code::kNotFound), "NotFound");
  EXPECT_EQ(CodeName(Code::kUnauthenticated), "Unauthenticated");
}

}  // namespace
}  // namespace onggi
