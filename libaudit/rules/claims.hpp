// Which files of a repo can be read to prove them, and the sources of their expected hashes. Pure.
//
// Left out: files known to be wrong already (such as a file of the wrong size), partials, and files
// outside the repo. A requested commit, or a filter, leaves out all other files.
#pragma once

#include <vector>

#include "rules/repo_check.hpp"

namespace hfaudit {

// Of one entry, strongest first. Each source makes at most one claim.
[[nodiscard]] std::vector<Claim> claims_on(const RepoCheck& c, const RevisionState& state,
                                           const Entry& entry);

// The entries of a revision whose content is to be checked.
[[nodiscard]] std::vector<const Entry*> entries_to_check(const RepoCheck& c,
                                                         const RevisionState& state);

// The finding by the file's own header, or null.
[[nodiscard]] const Finding* structural_finding(const RepoCheck& c, const RevisionState& state,
                                                const Entry& entry);

// Unused blobs, by number: a client that finds one would link it unread.
[[nodiscard]] std::vector<std::size_t> blobs_to_check(const RepoCheck& c);

// All of those, each file once, however many names it has; files without a claim included.
[[nodiscard]] std::vector<Content> contents_of(const RepoCheck& c);

}  // namespace hfaudit
