#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"
#include "cli/output/human.h"
#include "cli/output/print.h"
#include "cli/output/table.h"

namespace onggi::cli {
namespace {

struct ImagesOptions {
  std::string repository;
  bool quiet = false;
  bool digests = false;
  bool full_ids = false;
};

struct Name {
  std::string repository = "<none>";
  std::string tag = "<none>";
};

// "localhost:5000/a/b:1" -> {"localhost:5000/a/b", "1"}: the tag starts after the last colon behind
// the last slash.
Name SplitName(const std::string& reference) {
  std::string familiar = FamiliarName(reference);
  size_t slash = familiar.rfind('/');
  size_t colon = familiar.rfind(':');
  if (colon == std::string::npos || (slash != std::string::npos && colon < slash)) {
    return {familiar, "<none>"};
  }
  return {familiar.substr(0, colon), familiar.substr(colon + 1)};
}

std::string DigestOf(const v1::Image& image, const std::string& repository) {
  for (const std::string& digest : image.repo_digests()) {
    size_t at = digest.find('@');
    if (FamiliarName(digest.substr(0, at)) == repository) return digest.substr(at + 1);
  }
  return "<none>";
}

void AddRows(Table& table, const v1::Image& image, const ImagesOptions& options) {
  std::vector<Name> names;
  for (const std::string& tag : image.repo_tags()) names.push_back(SplitName(tag));
  if (names.empty()) {
    Name name;
    if (image.repo_digests_size() > 0) {
      name.repository =
          FamiliarName(image.repo_digests(0).substr(0, image.repo_digests(0).find('@')));
    }
    names.push_back(name);
  }
  std::string created = image.created().substr(0, 10);
  for (const Name& name : names) {
    std::vector<std::string> row = {name.repository, name.tag};
    if (options.digests) row.push_back(DigestOf(image, name.repository));
    row.push_back(options.full_ids ? image.id() : ShortId(image.id()));
    row.push_back(created);
    row.push_back(HumanSize(image.size_bytes()));
    table.Add(row);
  }
}

Result<> Images(Context& context, const ImagesOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  v1::ListRequest request;
  request.set_repository(options.repository);
  v1::ListResponse response;
  grpc::ClientContext call;
  TRY(client->Check(client->images().List(&call, request, &response)));
  if (context.json) {
    OrderedJson json = OrderedJson::array();
    for (const auto& image : response.images()) json.push_back(ToJson(image));
    PrintJson(json);
    return Ok();
  }
  std::vector<std::string> headings = {"REPOSITORY", "TAG"};
  if (options.digests) headings.emplace_back("DIGEST");
  for (const char* heading : {"IMAGE ID", "CREATED", "SIZE"}) headings.emplace_back(heading);
  Table table(headings);
  for (const auto& image : response.images()) {
    if (options.quiet) {
      Print((options.full_ids ? image.id() : ShortId(image.id())) + "\n");
    } else {
      AddRows(table, image, options);
    }
  }
  if (!options.quiet) Print(table.Render());
  return Ok();
}

}  // namespace

void AddImages(CLI::App& parent, Context& context, const char* name) {
  auto options = std::make_shared<ImagesOptions>();
  CLI::App* command = AddCommand(parent, context,
                                 {name, "List images",
                                  "  onggi images\n"
                                  "  onggi images --digests busybox"},
                                 [&context, options] { return Images(context, *options); });
  command->add_option("REPOSITORY", options->repository, "only this repository, or repository:tag");
  command->add_flag("-q,--quiet", options->quiet, "ids only");
  command->add_flag("--digests", options->digests, "show manifest digests");
  command->add_flag("--no-trunc", options->full_ids, "whole ids");
}

}  // namespace onggi::cli
