// Is a repo changing? Two scans a moment apart show it, for every kind of writer: a process of
// another user, another container, another host. Pure.
#pragma once

#include <cstdint>

#include "cache/inventory.hpp"

namespace hfaudit {

// A number that differs when anything in the repo has been added, removed, or has grown.
[[nodiscard]] std::uint64_t fingerprint(const RepoInventory& repo);

// When anything in the repo last changed, in ns since the epoch.
[[nodiscard]] std::int64_t last_change_ns(const RepoInventory& repo);

// Whether that is so little time before `now_ns` that a client may be between two files, where it
// holds no lock and has no file open: only a second scan shows whether the repo still changes.
[[nodiscard]] bool changed_just_now(const RepoInventory& repo, std::int64_t now_ns);

}  // namespace hfaudit
