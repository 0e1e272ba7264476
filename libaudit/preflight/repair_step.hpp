// The repair of a repo that fails a preflight, by one process at a time.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "hfaudit/preflight.hpp"
#include "os/lock_file.hpp"

namespace hfaudit {

// A client without a revision means main.
[[nodiscard]] RepoRequest with_revision(RepoRequest repo);

// Why a step failed.
struct RepairFailure {
  ExitCode code = ExitCode::incomplete;  // or refused
  std::string why;
};

// A repair, where there is something to repair; else a download, which also waits for other
// downloads of the repo. The next scan reports the remaining damage; nullopt: the step could be
// carried out. With HF_HUB_OFFLINE the download is skipped, without an error.
[[nodiscard]] std::optional<RepairFailure> repair_or_pull(
    const Layout& layout, const PreflightRequest& request, const Admission& last,
    const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop);
// Only the files that `--require` names: the other absent files of a sound subset are unwanted.
[[nodiscard]] std::optional<RepairFailure> pull_required(
    const Layout& layout, const PreflightRequest& request, const RepoRequest& repo,
    const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop);

// The right to repair a repo, which one process at a time has.
struct RepairLock {
  std::optional<os::LockFile> lock;
  bool waited = false;  // another process had it before
};
// Where the lock of that lies: beside those of the clients, which ignore it.
[[nodiscard]] Result<os::Directory> repair_lock_folder(const Layout& layout, const RepoId& repo);

}  // namespace hfaudit
