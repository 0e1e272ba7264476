// Makes a cache that a group shares usable for all its members: by the owner, by any member for
// their own files, by root for all of it.
//
// The hub folder declares the sharing and its extent (base/sharing). The group of files and
// folders, the setgid bit of folders and the modes that the clients need follow from it
// (repair/sharing_rule); where anything is to be changed, folders also get a default access control
// list, so that clients with a umask of 022 make new folders and files that the group may write.
//
// Every change is made on the inspected inode, which has one name, and whose status is unchanged
// since the work began. A file that is still closed to the members is opened only with evidence
// that it is the cache's; tokens are skipped.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "repair/action.hpp"
#include "repair/proof.hpp"

namespace hfaudit {

struct SharingPlan {
  std::vector<Action> actions;  // one for a repo or folder of locks; for each other owner, one
  std::vector<Unreadable> unreadable;
  bool refused = false;  // root does not open the hub folder (sharing_walker.hpp)
};
// `user`: the cache's.
[[nodiscard]] SharingPlan plan_sharing(const Layout& layout, const AuditRequest& request,
                                       std::uint32_t user);

// Repeats the walk, and inspects each entry anew. `acted` is called with each action.
void carry_out_sharing(const Layout& layout, const AuditRequest& request, std::uint32_t user,
                       const std::vector<Action>& actions, const ProvenFiles& known_good,
                       const std::function<void(const Action&, const ActionResult&)>& acted,
                       const std::stop_token& stop);

}  // namespace hfaudit
