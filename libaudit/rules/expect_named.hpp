// Files that the repo's own files name, as files that a revision should have. Pure.
//
// A listing is complete for the Hub: a name outside of it is not wanted.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fnmatch.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "rules/manifest.hpp"

namespace hfaudit {

struct NamedFacts {
  const std::vector<Entry>& entries;  // sorted by path
  const RevisionEvidence& evidence;
  const PathFilter& filter;
};

// Adds the files that are wanted and marks those that a listing has.
void expect_named(const NamedFacts& facts, std::map<std::string, ExpectedFile, std::less<>>& files);

// Whether the path, or any file in it if it ends with a slash, has an entry.
[[nodiscard]] bool has_path(const std::vector<Entry>& entries, std::string_view path);
[[nodiscard]] bool has_any_path(const std::vector<Entry>& entries,
                                const std::vector<std::string>& paths);

// Of diffusers: the component has no folder, the listing does not lack it, too, and it does not lie
// in the root, where loaders look for it then (load_sub_model of pipeline_loading_utils.py).
[[nodiscard]] bool lacks_component(const std::vector<Entry>& entries,
                                   const RevisionEvidence& evidence, const std::string& component);

}  // namespace hfaudit
