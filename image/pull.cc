#include "image/pull.h"

#include "image/config_json.h"
#include "image/platform.h"
#include "image/registry/remote_repository.h"

namespace onggi {
namespace {

constexpr int kMaxIndexDepth = 3;

// Down from what the reference names to the manifest of the platform.
Result<Manifest> ResolveManifest(RemoteRepository& remote, const Platform& platform,
                                 RemoteManifest& found, const CancelToken& cancel) {
  for (int depth = 0; depth < kMaxIndexDepth; ++depth) {
    TRY_ASSIGN(ManifestDocument document, ParseManifest(found.bytes, found.media_type));
    if (Manifest* manifest = std::get_if<Manifest>(&document)) return std::move(*manifest);
    TRY_ASSIGN(Descriptor chosen, ChooseManifest(std::get<ImageIndex>(document), platform));
    TRY_ASSIGN(found, remote.FetchManifest(chosen, cancel));
  }
  return InvalidArgument("indexes within indexes");
}

Result<> CheckPlatform(const std::string& config_bytes, const Platform& wanted) {
  TRY_ASSIGN(ImageConfig config, ParseImageConfig(config_bytes));
  if (config.platform.os.empty() || config.platform.architecture.empty()) return Ok();
  if (PlatformRank(wanted, config.platform) > 0) return Ok();
  return NotFound("no image for platform " + FormatPlatform(wanted) + "; there is " +
                  FormatPlatform(config.platform));
}

Result<std::string> Pull(const PullContext& context, const PullJob& job, PullMeter& meter,
                         const CancelToken& cancel) {
  meter.Stage("resolving");
  TRY_ASSIGN(auto remote,
             RemoteRepository::Open(context.http, context.hosts, job.reference, job.auth));
  TRY_ASSIGN(RemoteManifest found, remote->FetchManifest(job.reference.Selector(), cancel));
  const Digest named = found.digest;
  InstallPlan plan;
  TRY_ASSIGN(plan.manifest, ResolveManifest(*remote, job.platform, found, cancel));
  plan.manifest_bytes = std::move(found.bytes);
  plan.manifest_digest = found.digest;
  plan.remote = remote.get();
  const Descriptor& config = plan.manifest.config;
  auto known = context.install.content.Read(config.digest, kConfigLimit);
  if (known) {
    plan.config_bytes = *std::move(known);
  } else {
    TRY_ASSIGN(plan.config_bytes, remote->FetchBlob(config, kConfigLimit, cancel));
  }
  TRY(CheckPlatform(plan.config_bytes, job.platform));
  if (job.reference.digest().empty()) plan.names.push_back(job.reference.Text());
  plan.names.push_back(job.reference.WithDigest(named).Text());
  return InstallImage(context.install, plan, meter, cancel);
}

}  // namespace

Error AsPullError(Error error, const Reference& reference) {
  std::string name = "pull " + reference.Text();
  if (error.code() == Code::kUnavailable) {
    // kubelet reads the prefix, so it has to stand first.
    return Error(Code::kUnknown, "RegistryUnavailable: " + name + ": " + error.message(),
                 error.sys_errno());
  }
  return std::move(error).Wrap(name);
}

Result<std::string> PullImage(const PullContext& context, const PullJob& job, PullMeter& meter,
                              const CancelToken& cancel) {
  auto id = Pull(context, job, meter, cancel);
  if (!id) return AsPullError(std::move(id).error(), job.reference);
  return id;
}

}  // namespace onggi
