// Files that the repo's own files name, as files that a revision should have. Pure.
//
// A listing is complete for the Hub: names outside of it are unwanted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fnmatch.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "rules/expected_files.hpp"

namespace hfaudit {

struct NamedFacts {
  const std::vector<Entry>& entries;  // sorted by path
  const RevisionEvidence& evidence;
  const PathFilter& filter;
};

// Adds the files that are wanted and marks those that a listing has.
void expect_named(const NamedFacts& facts, ExpectedFiles& files);

// Whether the path, or any file in it if it ends with a slash, has an entry.
[[nodiscard]] bool has_path(const std::vector<Entry>& entries, std::string_view path);
[[nodiscard]] bool has_any_path(const std::vector<Entry>& entries,
                                const std::vector<std::string>& paths);

// Of diffusers: the component's folder is absent, the listing either has it or is absent, and the
// root lacks the component's files, which loaders then try (load_sub_model of
// pipeline_loading_utils.py).
[[nodiscard]] bool lacks_component(const std::vector<Entry>& entries,
                                   const RevisionEvidence& evidence, const std::string& component);

}  // namespace hfaudit
