// Node: what the RPC services work with. main.cc builds it; all references outlive the server.
//
// Thread-safety: the members' own.
#pragma once

#include "config/config.h"
#include "engine/engine.h"
#include "image/image_service.h"
#include "network/network.h"
#include "server/call_watch.h"
#include "server/peers.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

struct Node {
  const Config& config;
  Engine& engine;
  ImageService& images;
  Network& network;
  Snapshotter& snapshotter;
  CallWatch& calls;
  Peers& peers;
};

}  // namespace onggi
