// Requests from the arguments, for several commands: the scope, the layout, the download.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/ledger.hpp"
#include "hfaudit/pull.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"
#include "options/arguments.hpp"

namespace hfaudit::cli {

// A REPO of the command line or of a list. Errors: usage.
[[nodiscard]] Result<RepoRequest> parse_repo(const std::string& text, RepoType fallback);

// Whether the text can be the path of a file in a repo, if it is no REPO.
[[nodiscard]] bool may_be_file(std::string_view text);
// `icons/a@2x.png`: rather a file than a REPO.
[[nodiscard]] bool has_file_extension(std::string_view text);
// `config.json`: no repo is called so.
[[nodiscard]] bool is_file_name(std::string_view text);

// The REPOs of the command line that are none, beside others that are: they are reported like
// absent ones, and the others are still done. Empty where none is valid.
[[nodiscard]] std::vector<NotFound> invalid_repos(const Arguments& arguments,
                                                  const std::vector<std::string>& repos);
[[nodiscard]] std::vector<NotFound> invalid_repos(const Arguments& arguments);

// Of the REPOs without `invalid_repos`. Errors: usage.
[[nodiscard]] Result<AuditRequest> audit_request_of(const Arguments& arguments);
// The same for other REPOs than those of the arguments.
[[nodiscard]] Result<AuditRequest> audit_request_of(const Arguments& arguments,
                                                    const std::vector<std::string>& repos);

// How to download.
[[nodiscard]] DownloadOptions download_options_of(const Arguments& arguments);

// Where proofs are kept, and how old they may be.
[[nodiscard]] LedgerRequest ledger_request_of(const Arguments& arguments);

[[nodiscard]] Layout layout_of(const Arguments& arguments);

// A relative path of a cache or folder, if the working directory is gone; else empty.
[[nodiscard]] std::string unresolvable_path(const Arguments& arguments);

}  // namespace hfaudit::cli
