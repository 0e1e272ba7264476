// Questions to the Hub on a repo before a long download: is it there, is its gate open for us, is
// there room for it?
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "hfaudit/preflight.hpp"
#include "hub/hub_error.hpp"

namespace hfaudit {

struct OnlineAnswer {
  ExitCode code = ExitCode::ok;  // or incomplete, refused
  std::string why;               // the reason of any other code than ok
  std::string note;              // where `mark_moved`: the present commit at the Hub
};

// A handful of questions, few attempts, seconds at most. `missing`: bytes that are to come, where
// that is known; else all of the commit's.
[[nodiscard]] OnlineAnswer check_online(const Layout& layout, const RepoRequest& repo,
                                        const std::string& commit_here,
                                        std::optional<std::uint64_t> missing, bool mark_moved,
                                        const std::stop_token& stop);

}  // namespace hfaudit
