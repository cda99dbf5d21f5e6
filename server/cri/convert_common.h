// Conversions that pods and containers share: maps, lists, resources, namespaces, profiles.
//
// Directions are in the names: FromCri checks what the engine's types can't hold (unknown enum
// values, numbers out of range) and says InvalidArgument with the field's name as CRI spells it;
// what a value means is the engine's to check. ToCri can't fail.
//
// Thread-safety: free functions.
#pragma once

#include <google/protobuf/map.h>
#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/pod/pod_config.h"
#include "proto/runtime/v1/api.pb.h"

namespace onggi {

namespace cri = ::runtime::v1;

using CriMap = google::protobuf::Map<std::string, std::string>;
using CriStrings = google::protobuf::RepeatedPtrField<std::string>;
using CriIdMappings = google::protobuf::RepeatedPtrField<cri::IDMapping>;

StringMap MapFromCri(const CriMap& map);
void MapToCri(const StringMap& from, CriMap* to);
std::vector<std::string> StringsFromCri(const CriStrings& list);
void StringsToCri(const std::vector<std::string>& from, CriStrings* to);
std::vector<spec::IdMapping> IdMappingsFromCri(const CriIdMappings& list);
void IdMappingsToCri(const std::vector<spec::IdMapping>& from, CriIdMappings* to);

Resources ResourcesFromCri(const cri::LinuxContainerResources& from);
void ResourcesToCri(const Resources& from, cri::LinuxContainerResources* to);

Result<NamespaceOptions> NamespacesFromCri(const cri::NamespaceOption& from);
void NamespacesToCri(const NamespaceOptions& from, cri::NamespaceOption* to);

SelinuxOptions SelinuxFromCri(const cri::SELinuxOption& from);

// FIELD is "seccomp" or "apparmor". The message wins over the deprecated TEXT ("runtime/default",
// "unconfined", "localhost/REF", "" for none).
Result<std::optional<SecurityProfile>> ProfileFromCri(const std::string& field,
                                                      const cri::SecurityProfile* profile,
                                                      const std::string& text);

}  // namespace onggi
