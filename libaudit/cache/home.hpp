// The entries around the repos, as plain values.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cache/inventory.hpp"

namespace hfaudit {

// A file of the shared blob store, `<hub>/blobs/<xx>/<64 hex>`.
struct Payload {
  std::string path;
  FileInfo meta;
  bool has_references = false;  // a `.refs` file beside it, which a collection would read
};

struct HomeInventory {
  // directories, locks, debris, partials, unrecognized: paths as in a Finding
  RepoInventory things;
  std::vector<ExtraEntry> tokens;
  std::vector<Payload> payloads;
  std::vector<ExtraEntry> misplaced;  // repo folders in HF_HOME itself; `reason`: the folder's name
  std::string home, hub;              // HF_HOME and the hub cache, absolute
  std::string prefix;                 // of the paths of repo folders, as in a Finding: "hub/"
  std::set<std::string> aliases;      // of repo_folders: links to another folder of the hub
  std::set<std::string> repo_folders;  // those found in the hub
};

}  // namespace hfaudit
