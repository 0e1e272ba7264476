// A locked repo as a listing, and beside the Hub's. Pure.
#pragma once

#include <string>

#include "hfaudit/lock.hpp"
#include "listings/listings.hpp"

namespace hfaudit {

// The repo at that commit, or null.
[[nodiscard]] const LockedRepo* find_locked(const LockedRepos& locked, const RepoId& repo,
                                            const std::string& commit);

// Every file by the digest that names its blob.
[[nodiscard]] Tree tree_of(const LockedRepo& locked);

[[nodiscard]] const LockedFile* find_locked(const LockedRepo& locked, const std::string& path);

// The first difference of the Hub's listing of that commit, in a sentence; else empty.
[[nodiscard]] std::string difference_from(const LockedRepo& locked, const Tree& hub);

}  // namespace hfaudit
