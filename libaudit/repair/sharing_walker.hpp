// The walk through a cache that a group shares: to plan the changes by which all members can use
// it, and again to carry them out. Only known parts of the hub, the folders of xet and the home
// around them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "os/secure_directory.hpp"
#include "os/users.hpp"
#include "repair/sharing_rule.hpp"

namespace hfaudit {

class SharingWalker {
 public:
  // `user`: the cache's. Visits entries only where its hub folder declares sharing.
  SharingWalker(const Layout& layout, const AuditRequest& request, std::uint32_t user);
  virtual ~SharingWalker() = default;
  SharingWalker(const SharingWalker&) = delete;
  SharingWalker& operator=(const SharingWalker&) = delete;

  void walk();

  // The hub folder declares sharing, and root refuses to open it: it is root's own, and other users
  // may swap it.
  [[nodiscard]] bool refused() const { return refused_; }

 protected:
  // An entry: `name` in `folder`; empty where it is the folder itself.
  struct EntryLocation {
    const os::SecureDirectory& folder;
    std::string name;
    std::string path;   // absolute
    std::string group;  // of the action that covers it: a repo folder, a folder of locks; absolute
    // the path below the hub folder; nullopt for entries of xet
    std::optional<std::string> below = std::nullopt;
  };
  virtual void found(const EntryLocation& at, const os::SecureEntry& entry, SharedEntry kind,
                     const SharingFix& fix) = 0;
  // A folder that the members can use.
  virtual void sound(const EntryLocation& at, const os::SecureEntry& entry) = 0;
  virtual void unreadable(const std::string& path, const Error& error) = 0;
  [[nodiscard]] virtual bool stopped() const { return false; }
  [[nodiscard]] const std::optional<Sharing>& sharing() const { return sharing_; }
  // As PlannedAction::path.
  [[nodiscard]] std::string within(const std::string& path) const;

 private:
  [[nodiscard]] Result<os::SecureDirectory> open(const std::string& path) const;
  void visit_home();
  void visit_hub(const os::SecureDirectory& hub);
  void visit_xet();
  void visit_folders(const os::SecureDirectory& folder, const std::string& path, unsigned depth);
  void visit_all_in(const os::SecureDirectory& folder, const std::string& below, unsigned depth);
  void visit(const os::SecureDirectory& folder, const std::string& name, const std::string& below,
             unsigned depth);
  void follow_repo(const std::string& folder);
  void handle(const EntryLocation& at, os::SecureEntry entry, SharedEntry kind);
  [[nodiscard]] bool is_asked(std::string_view below) const;
  [[nodiscard]] std::string group_of(std::string_view below) const;

  const Layout& layout_;
  os::CacheUser user_;
  std::optional<Sharing> sharing_;
  std::set<std::string> asked_;  // repo folders; empty: all
  bool whole_home_ = false;
  bool refused_ = false;
};

}  // namespace hfaudit
