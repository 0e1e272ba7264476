// Which snapshots of a repo may be exported, by their audit. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cache/inventory.hpp"
#include "hfaudit/export.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

struct ExportChoice {
  std::set<std::string> commits;
  std::vector<std::string> notes;  // snapshots that are left out, a sentence each
  std::optional<RepoRefusal> refusal;
};

// `commit`: of the revision that was asked for; empty for the whole repo. Of a whole repo,
// snapshots that no ref names are left out where they are not complete: the verdict of the repo
// does not count them either.
[[nodiscard]] ExportChoice choose_revisions(const RepoInventory& repo, const Report& report,
                                            const RepoRequest& asked, const std::string& commit,
                                            bool allow_incomplete);

}  // namespace hfaudit
