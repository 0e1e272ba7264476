// The name of a repo in a report. The repo of a --local-dir folder may be unknown.
#pragma once

#include <string>
#include <string_view>

#include "hfaudit/identity.hpp"

namespace hfaudit::report {

inline constexpr std::string_view unnamed_repo = "(this folder)";

// "acme/six", "datasets/acme/six": as the command line takes it.
[[nodiscard]] inline std::string name_of(const RepoId& repo) {
  return repo.id.empty() ? std::string(unnamed_repo) : repo.name();
}

}  // namespace hfaudit::report
