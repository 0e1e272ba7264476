// The pass over the entries around the repos, and rules for the cache as a whole. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cache/home.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

// `used`: the payloads of the shared store that some repo's blob leads to; nullptr if only some
// repos were scanned.
[[nodiscard]] std::vector<Finding> check_home(const HomeInventory& home,
                                              const std::set<FileKey>* used,
                                              const CheckContext& context);

void check_exposed_token(RepoCheck& c, const std::vector<ExtraEntry>& tokens);
// misplaced-repo, duplicate-repo
void check_misplaced_repo(RepoCheck& c, const HomeInventory& home);
// of unreachable-repo
[[nodiscard]] std::string unreachable_message(const std::string& target);
void check_orphan_payload(RepoCheck& c, const std::vector<Payload>& payloads,
                          const std::set<FileKey>& used);

// Folders of one foreign owner, each below the other, are one finding, whichever pass raised them:
// the topmost stays. `findings` may be in any order.
void fold_nested_access(std::vector<Finding>& findings);

// low-disk-space: `missing` bytes to download, `available` on the file system of `path`.
[[nodiscard]] std::optional<Finding> check_space(std::uint64_t missing,
                                                 std::optional<std::uint64_t> available,
                                                 const std::string& path);

}  // namespace hfaudit
