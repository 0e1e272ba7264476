// The decision: does a revision pass? Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hfaudit/preflight.hpp"
#include "preflight/snapshot_state.hpp"

namespace hfaudit {

// "acme/six@v1", printable.
[[nodiscard]] std::string name_of(const RepoRequest& repo);

// In a --local-dir check: the folder, and the repo if it was named.
[[nodiscard]] std::string name_of(const RepoRequest& repo, const AuditRequest& what);

// `report` is the audit of that repo at that revision.
[[nodiscard]] Admission admit(const Report& report, const RepoRequest& repo,
                              const std::string& commit, const SnapshotState& seen,
                              const PreflightRequest& request);

// Of a revision that is not in the cache: because its ref is malformed, because it could not be
// looked at, or because it never came. `report` is the audit of the repo, null where that is not
// here; `elsewhere` says where it may be in its place (find_elsewhere()); `location` are the
// options that a command needs to work in the same cache.
[[nodiscard]] Admission refuse_absent(const Report* report, const RepoRequest& repo,
                                      const std::string& hub_cache, const std::string& elsewhere,
                                      const std::string& location = {});

// Of a repo that lies behind a link which leads nowhere; nullopt: it does not.
[[nodiscard]] std::optional<Admission> refuse_unreachable(const Report& report,
                                                          const RepoRequest& repo);

// Adds to a refusal which other revision of the repo is here. `report` is of all its revisions.
void name_other_revision(Admission& admission, const Report& report);

}  // namespace hfaudit
