#include "network/builtin/plugins.h"

namespace onggi {
namespace {

// lo is up in every pod already (cni_network.cc); what is left is to say so.
class LoopbackPlugin : public Plugin {
 public:
  Result<Json> Add(const PluginCall& call) const override {
    if (!call.previous.is_null()) return call.previous;
    TRY_ASSIGN(std::string version, JsonString(call.config, "cniVersion"));
    Json result = {{"cniVersion", version}, {"dns", Json::object()}};
    result["interfaces"] = {
        {{"name", "lo"}, {"mac", "00:00:00:00:00:00"}, {"sandbox", call.pod.netns_path}}};
    result["ips"] = {{{"address", "127.0.0.1/8"}, {"interface", 0}},
                     {{"address", "::1/128"}, {"interface", 0}}};
    if (version[0] == '0') {
      result["ips"][0]["version"] = "4";
      result["ips"][1]["version"] = "6";
    }
    return result;
  }
  Result<> Delete(const PluginCall&) const override { return Ok(); }
  Result<> Check(const PluginCall& call) const override {
    if (call.inside == nullptr) return Ok();
    TRY_ASSIGN(Link link, call.inside->netlink.GetLink("lo"));
    return link.is_up ? Ok() : Result<>(FailedPrecondition("lo is down"));
  }
  Result<> Status(const Json&) const override { return Ok(); }
  Result<> CollectGarbage(const Json&, const Attachments&) const override { return Ok(); }
};

}  // namespace

std::unique_ptr<Plugin> MakeLoopbackPlugin() {
  return std::make_unique<LoopbackPlugin>();
}

}  // namespace onggi
