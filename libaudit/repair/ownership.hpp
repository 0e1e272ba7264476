// Giving a cache back to its user: the only part of hfaudit that acts with root's rights in it.
//
// Inspects names, owners and modes; files stay unread. Below the roots that the layout names (hub,
// xet, assets, datasets, modules, tokens that lie in the home or a folder of the user's), and of a
// `--local-dir` its client's notes and the downloads that they list, the owner of a foreign entry
// is restored where
//   - root owns it, in a cache of one user: leftovers of `sudo hf download`;
//   - another user than the cache's owns it and that excludes the cache's user (as
//     rules/check_access has it).
// A shared cache (its hub folder lets the group or all users write) keeps other ordinary users'
// files as they are, and its setgid folders; repair/sharing lets the group use them.
//
// An attacker may write in the cache, swap folders for links and link files of root's into it, at
// any moment. So every step goes by descriptor from a root that is proven to be the cache's, stops
// at links and other mounts, and changes the very inode that it has checked: a file with a second
// name anywhere is refused.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/report.hpp"
#include "os/users.hpp"
#include "repair/action.hpp"

namespace hfaudit {

// The entries to return to the cache's user, parents before children. A tree of another user is one
// action. In walking order. Unreadable entries are in `unreadable`.
struct OwnershipPlan {
  std::vector<Action> actions;
  std::vector<Unreadable> unreadable;
};
[[nodiscard]] OwnershipPlan plan_ownership(const Layout& layout, const AuditRequest& request,
                                           const os::CacheUser& user);

// Carries out what plan_ownership() found: takes the same walk again, and inspects each entry anew.
// Then `acted` is called with each action; an action with an entry whose ownership stays wrong has
// failed, and names it.
void restore_ownership(const Layout& layout, const AuditRequest& request, const os::CacheUser& user,
                       const std::vector<Action>& actions,
                       const std::function<void(const Action&, const ActionResult&)>& acted,
                       const std::stop_token& stop);

// Actions that need root are left. Root has done its own, or will: a second run has none for it.
[[nodiscard]] bool is_root_needed(const RepairLog& log, bool began_as_root);
// At least one action was done, in part or whole.
[[nodiscard]] bool has_changed_anything(const RepairLog& log);
// A mode that a repair by root changes is left.
[[nodiscard]] bool keeps_users_out(const Report& report);

// The arguments of hfaudit with which root does only that, in the same folders.
[[nodiscard]] std::vector<std::string> ownership_arguments(const Layout& layout,
                                                           const AuditRequest& request);

}  // namespace hfaudit
