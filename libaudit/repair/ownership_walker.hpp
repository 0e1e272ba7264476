// The walk of root through a cache: to plan which entries are returned to its user, and again to
// return them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "os/secure_directory.hpp"
#include "os/users.hpp"
#include "repair/ownership_rule.hpp"

namespace hfaudit {

// The two differ in the handling of an entry that is to be returned.
class OwnershipWalker {
 public:
  OwnershipWalker(const Layout& layout, const AuditRequest& request, const os::CacheUser& user);
  virtual ~OwnershipWalker() = default;
  OwnershipWalker(const OwnershipWalker&) = delete;
  OwnershipWalker& operator=(const OwnershipWalker&) = delete;

  void walk();

 protected:
  // `name` is empty where it is the folder itself, the root of a mount. `above`: the topmost entry
  // over this one that is returned to the same user; empty: this is one.
  virtual void found(const os::SecureDirectory& folder, const std::string& name,
                     const std::string& path, const os::SecureEntry& entry,
                     const std::string& above) = 0;
  virtual void unreadable(const std::string& path, const Error& error) = 0;
  [[nodiscard]] virtual bool stopped() const { return false; }
  [[nodiscard]] const OwnershipContext& context() const { return context_; }
  // As PlannedAction::path.
  [[nodiscard]] std::string within(const std::string& path) const;

 private:
  // The scope of a step: one entry, or a tree.
  struct Root {
    std::string path;  // absolute
    bool tree = true;
    bool only_theirs = false;  // only where the folder that it lies in is the user's
  };
  [[nodiscard]] std::vector<Root> roots() const;
  [[nodiscard]] Result<os::SecureEntry> inspect_folder(const std::string& path) const;
  void visit_root(const Root& root);
  // Returns the `above` of its entries.
  std::string visit(const os::SecureDirectory& folder, const std::string& name,
                    const std::string& path, bool tree, unsigned depth, std::string above);
  void enter(const os::SecureDirectory& folder, const std::string& name, const std::string& path,
             unsigned depth, const std::string& above);
  void visit_all_in(const os::SecureDirectory& folder, const std::string& path, unsigned depth,
                    const std::string& above);
  void visit_files(const os::SecureDirectory& folder, const std::string& path,
                   std::span<const std::string> files, std::size_t begin, const std::string& above);
  void visit_downloaded();
  void follow(const std::string& path, bool tree, unsigned depth);
  void note_download(const std::string& path);
  [[nodiscard]] bool may_be_moved(const std::string& path) const;

  const Layout& layout_;
  const AuditRequest& request_;
  const os::CacheUser& user_;
  OwnershipContext context_;
  std::string local_dir_;                // absolute; empty: a cache
  std::vector<std::string> downloaded_;  // into it, by the notes of the client; relative to it
};

}  // namespace hfaudit
