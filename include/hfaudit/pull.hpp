// Downloads repos until the audit reports them as complete.
//
// A run leaves the same files as the Hub's own clients: blobs named by their etag, links, refs, the
// cached listing; or the files of a --local-dir. An unfinished file lies beside its blob as
// `<etag>.hfaudit.incomplete`, always a prefix of the content, so the next run resumes where a
// killed one stopped. That file is the only state.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/ledger.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

enum class PullMode : std::uint8_t {
  pull,
  plan,      // only plan the pull: asks the Hub, is read-only
  validate,  // as plan, and missing files are damage: exit code 1
};

// How content is downloaded, by every command that does.
struct DownloadOptions {
  unsigned max_attempts = 25;  // one after the other without any progress
  // between those; the last one again and again
  std::vector<double> waits_s = {10, 30, 60, 120, 240, 300};
  // of a connection without a byte; else HF_HUB_DOWNLOAD_TIMEOUT, else 300
  std::optional<unsigned> idle_timeout_s;
  std::uint64_t max_rate = 0;  // bytes per second in all; 0: unlimited
  unsigned connections = 16;   // at most, in all
  unsigned files_at_once = 8;
  bool ipv4_only = false;
  // Other locations of content, asked before the Hub: folders of caches and of --local-dir
  // downloads, http(s) and sftp URLs of hub caches.
  std::vector<std::string> from;
  // The Hub is left out: names come from the lock file, from `from`, and from the cache.
  bool offline = false;
};

// A word after the first REPO of a command line, as in `hf download REPO FILE`: a file of that repo
// if its listing has such a path, else another REPO.
struct PullWord {
  std::string text;
  std::vector<RepoRequest> repos;  // as a REPO; empty: it can only be a file
  std::string why_no_repo{};       // where that is no matter of its form: "FILE does not lock it"
};

struct PullRequest {
  AuditRequest what;            // repos (one or more), include, exclude, local_dir, owner
  std::vector<PullWord> words;  // of what.repos.front()
  PullMode mode = PullMode::pull;
  DownloadOptions download;
  bool trust_present = false;  // files of the right size are accepted unhashed
  LedgerRequest ledger;        // where proofs are kept; its age is ignored
};

enum class PullStep : std::uint8_t { ask, check, transfer, wait, verify };
[[nodiscard]] std::string_view to_string(PullStep step);  // "ask", "check", …

struct RunningFile {
  std::string path;
  std::uint64_t bytes = 0, size = 0;  // on disk, of the requested bytes
};

// The progress of a run. Bytes and files are those of the repo's listing (reduced by --include and
// --exclude).
struct PullProgress {
  RepoId repo;
  std::size_t number = 0, repos = 0;  // of the repo, from 1; all of them
  PullStep step = PullStep::ask;
  std::uint64_t files = 0, files_total = 0;  // there, of all
  std::uint64_t bytes = 0, bytes_total = 0;  // on disk, of all; partials count as far as they go
  std::uint64_t received = 0;                // over the network, in this run, of all repos
  double seconds = 0;                        // since the run began
  std::vector<RunningFile> running;          // sorted by path
  std::string note;  // the reason for waiting: "Hub returned 503; retrying in 11 s"; else empty
};

// The audit of the repos after the pull, with Report::transfers. Its exit code is that of verify()
// for the same repos: every file was hashed, as it arrived or where it lay (but for
// `trust_present`). Errors: usage (an invalid repo, an unknown user, HF_ENDPOINT with an invalid
// URL); all else is in the report. `progress` is called from the caller's thread, about ten times a
// second. Interrupted, everything that has arrived is kept. Thread safety: one pull() or repair()
// at a time in a process, as they share the list of folders to sync. Symlinks are followed at the
// roots of `layout`, at a repo folder, and at its `blobs` and `snapshots`, which users move to other
// disks. Root follows one only to a folder of the same owner, or where root alone can make links.
// Other links are refused.
[[nodiscard]] Result<Report> pull(const Layout& layout, const PullRequest& request,
                                  const std::function<void(const PullProgress&)>& progress,
                                  const std::stop_token& stop = {});

}  // namespace hfaudit
