// Which revision of a repo can be used in place of an absent one. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hfaudit/report.hpp"
#include "rules/repo_check.hpp"

namespace hfaudit {

// A complete revision other than `except`, else a subset; a revision with a ref first. Null if the
// repo has neither.
[[nodiscard]] const RevisionReport* whole_revision(std::span<const RevisionReport> revisions,
                                                   std::string_view except);

// "acme/six@<commit> is here, complete (v1)": how to use it.
[[nodiscard]] std::string in_words(const RepoId& repo, const RevisionReport& revision);

// Adds to each nothing-here which revision is here in its place.
void name_whole_revision(RepoCheck& c, std::span<const RevisionReport> revisions);

}  // namespace hfaudit
