// Carries out one planned action at a time. Every target is inspected again at that moment: a file
// that was replaced, is in use, or turns out to be needed is left alone, with a reason.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "cache/blob_name.hpp"
#include "hfaudit/layout.hpp"
#include "os/lock_file.hpp"
#include "os/processes.hpp"
#include "repair/action.hpp"
#include "repair/path_resolver.hpp"
#include "repair/proof.hpp"

namespace hfaudit {

class Applier {
 public:
  // `symlinks`: false where HF_HUB_DISABLE_SYMLINKS says that entries are copies.
  Applier(const Layout& layout, std::optional<std::string> local_dir, bool symlinks,
          const ProvenFiles& known_good, const std::stop_token& stop)
      : resolver_(layout, std::move(local_dir)), symlinks_(symlinks), proofs_(known_good, stop) {}

  // Any but a pull, which takes many at once. An action that needs root is skipped.
  [[nodiscard]] ActionResult apply(const Action& action);

 private:
  [[nodiscard]] ActionResult change_mode(const Action& action, const OpenLocation& location);

  // apply_names.cpp
  [[nodiscard]] ActionResult relink(const Action& action);
  [[nodiscard]] ActionResult set_ref(const Action& action, const OpenLocation& location);
  [[nodiscard]] ActionResult prune(const Action& action, const OpenLocation& location);

  // apply_locks.cpp
  [[nodiscard]] ActionResult remove_lock(const Action& action, const OpenLocation& location);
  [[nodiscard]] Result<bool> has_blob(const Action& action) const;
  [[nodiscard]] ActionResult remove_idle_locks(const Action& action, const OpenLocation& location);
  [[nodiscard]] ActionResult break_lock(const Action& action, const OpenLocation& location);

  // apply_files.cpp
  [[nodiscard]] ActionResult remove(const Action& action, const OpenLocation& location);
  [[nodiscard]] ActionResult remove_partial(const Action& action, const OpenLocation& location);
  [[nodiscard]] ActionResult remove_debris(const Action& action, const OpenLocation& location);
  [[nodiscard]] ActionResult remove_orphan(const Action& action, const OpenLocation& location);
  [[nodiscard]] ActionResult quarantine(const Action& action, const OpenLocation& location);

  // apply_store.cpp
  [[nodiscard]] ActionResult quarantine_payload(const Action& action, const OpenLocation& location);
  [[nodiscard]] bool is_replaced(const Action& action);
  [[nodiscard]] ActionResult remove_payload(const Action& action, const OpenLocation& location);

  // The client's lock of a blob, where there is one. An error with EBUSY: another process holds it.
  [[nodiscard]] Result<std::optional<os::LockFile>> lock_blob(const Action& action,
                                                              const std::string& etag) const;

  PathResolver resolver_;
  bool symlinks_;
  Proofs proofs_;
  os::Processes processes_{may_be_partial};
};

[[nodiscard]] ActionResult done(std::uint64_t bytes = 0);
[[nodiscard]] ActionResult skipped(std::string why);
[[nodiscard]] ActionResult failed(const Error& error);

// Is the file closed in all visible processes? On a file system that other machines share, only age
// shows that.
[[nodiscard]] bool is_unused(const OpenLocation& location, const FileInfo& meta,
                             os::Processes& processes);

}  // namespace hfaudit
