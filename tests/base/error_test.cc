#include "base/error.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

TEST(Error, ReadsOutermostFirst) {
  Error error = NotFound("no such thing").Wrap("inner").Wrap("outer");
  EXPECT_EQ(error.message(), "outer: inner: no such thing");
  EXPECT_EQ(error.code(), Code::kNotFound);
  EXPECT_EQ(error.sys_errno(), 0);
}

TEST(Error, OfTheKernelKeepsItsNumber) {
  Error error = SysError("open(x)", ENOENT);
  EXPECT_EQ(error.message(), "open(x): No such file or directory");
  EXPECT_EQ(error.sys_errno(), ENOENT);
  EXPECT_EQ(error.code(), Code::kInternal);
}

TEST(Error, WantOfSpaceIsResourceExhausted) {
  for (int number : {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM}) {
    EXPECT_EQ(SysError("x", number).code(), Code::kResourceExhausted) << number;
  }
  for (int number : {EPERM, EACCES, EEXIST, EINVAL, ENOTDIR}) {
    EXPECT_EQ(SysError("x", number).code(), Code::kInternal) << number;
  }
}

TEST(Error, UnknownNumbersHaveText) {
  EXPECT_EQ(SysError("x", 99999).message(), "x: errno 99999");
}

TEST(Error, CloneIsItsOwn) {
  Error first = SysError("x", EPERM);
  Error second = first.Clone().Wrap("again").WithCode(Code::kPermissionDenied);
  EXPECT_EQ(first.message(), "x: Operation not permitted");
  EXPECT_EQ(first.code(), Code::kInternal);
  EXPECT_EQ(second.message(), "again: x: Operation not permitted");
  EXPECT_EQ(second.sys_errno(), EPERM);
}

TEST(Error, CodesHaveGrpcsNumbersAndNames) {
  EXPECT_EQ(CodeName(Code::kCancelled), "Cancelled");
  EXPECT_EQ(CodeName(Code::kUnauthenticated), "Unauthenticated");
  EXPECT_EQ(static_cast<int>(Code::kUnauthenticated), 16);
  for (int i = 1; i <= 16; ++i) EXPECT_NE(CodeName(static_cast<Code>(i)), "") << i;
}

}  // namespace
}  // namespace onggi
