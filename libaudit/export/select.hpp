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

// `commit`: of the requested revision; empty for the whole repo. Of a whole repo, incomplete
// snapshots without a ref are left out, as they are from the verdict of the repo.
[[nodiscard]] ExportChoice choose_revisions(const RepoInventory& repo, const Report& report,
                                            const RepoRequest& asked, const std::string& commit,
                                            bool allow_incomplete);

}  // namespace hfaudit
