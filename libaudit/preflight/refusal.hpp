// Refusals without a revision to judge, and the words that all refusals share. Pure.
#pragma once

#include <optional>
#include <string>

#include "hfaudit/preflight.hpp"

namespace hfaudit {

// "acme/six@v1", printable.
[[nodiscard]] std::string name_of(const RepoRequest& repo);

// In a --local-dir check: the folder, and the repo if it was named.
[[nodiscard]] std::string name_of(const RepoRequest& repo, const AuditRequest& what);

// "; run: COMMAND"; empty without a command.
[[nodiscard]] std::string run_hint(const std::string& command);

// The text of this ref is wrong; another ref that names the same commit is irrelevant.
[[nodiscard]] bool is_of_ref(const Finding& finding, const std::string& revision);

// By its mode or owner, where a disk that fails is another thing.
[[nodiscard]] bool is_denied(const Unreadable& place);

// Of an absent revision: its ref is malformed, its folder is unreadable, or its download is still
// to come. `report` is the audit of the repo, null where the repo is absent; `elsewhere` names
// other locations (find_elsewhere()); `location` are the options that a command needs to work in
// the same cache.
[[nodiscard]] Admission refuse_absent(const Report* report, const RepoRequest& repo,
                                      const std::string& hub_cache, const std::string& elsewhere,
                                      const std::string& location = {});

// Of a repo that lies behind a dead link; nullopt for any other.
[[nodiscard]] std::optional<Admission> refuse_unreachable(const Report& report,
                                                          const RepoRequest& repo);

// Adds to a refusal which other revision of the repo is here. `report` is of all its revisions.
void name_other_revision(Admission& admission, const Report& report);

}  // namespace hfaudit
