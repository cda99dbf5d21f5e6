// Puller: a reference into a listed image.
//
// Thread-safety: any thread. Ownership: everything in PullContext is borrowed. Blocks on network
// and disk.
#pragma once

#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "image/image_service.h"
#include "image/install.h"
#include "image/pull_meter.h"
#include "image/reference.h"
#include "image/registry/endpoint.h"
#include "image/registry/http.h"

namespace onggi {

struct PullContext {
  HttpClient& http;
  const RegistryHosts& hosts;
  InstallContext install;
};

struct PullJob {
  Reference reference;
  const RegistryAuth* auth = nullptr;
  Platform platform;
};

// The image id. Errors as ImageService::Pull promises.
Result<std::string> PullImage(const PullContext& context, const PullJob& job, PullMeter& meter,
                              const CancelToken& cancel);

// The errors of this room as kubelet expects them: what nobody could say is Unknown with the prefix
// "RegistryUnavailable: ".
Error AsPullError(Error error, const Reference& reference);

}  // namespace onggi
