// What a preflight does about a repo that does not pass, and whose turn it is.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "hfaudit/preflight.hpp"
#include "os/lock_file.hpp"

namespace hfaudit {

// A client that names no revision means main.
[[nodiscard]] RepoRequest with_revision(RepoRequest repo);

// Why something could not be carried out.
struct RepairFailure {
  ExitCode code = ExitCode::incomplete;  // or refused
  std::string why;
};

// A repair, where there is something to repair; else a download, which also waits for whoever is at
// it. What is wrong with it afterwards, the next look tells; nullopt: nothing stood in the way.
// With HF_HUB_OFFLINE nothing is downloaded, and that is no trouble.
[[nodiscard]] std::optional<RepairFailure> repair_or_pull(
    const Layout& layout, const PreflightRequest& request, const Admission& last,
    const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop);
// Only the files that `--require` names: of a subset that is sound all else was not wanted.
[[nodiscard]] std::optional<RepairFailure> pull_required(
    const Layout& layout, const PreflightRequest& request, const RepoRequest& repo,
    const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop);

// The right to mend a repo, which one process at a time has.
struct RepairLock {
  std::optional<os::LockFile> lock;
  bool waited = false;  // somebody else had it before
};
// Where the lock of that lies: beside those of the clients, which take no notice of it.
[[nodiscard]] Result<os::Directory> repair_lock_folder(const Layout& layout, const RepoId& repo);

}  // namespace hfaudit
