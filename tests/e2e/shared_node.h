// SharedNode: a fixture whose tests share one daemon; each test removes what it made.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/e2e/node.h"

namespace onggi::testing {

class SharedNode : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { node_ = Node::Start({}); }
  static void TearDownTestSuite() { node_.reset(); }
  void SetUp() override { ASSERT_NE(node_, nullptr); }
  void TearDown() override { node_->RemoveAllPods(); }

  static Node& node() { return *node_; }

 private:
  static inline std::unique_ptr<Node> node_;
};

}  // namespace onggi::testing
