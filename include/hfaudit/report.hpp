// The result of an audit: verdicts per revision and repo, the findings, the sums. The JSON report
// is a rendering of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/exit_code.hpp"
#include "hfaudit/finding.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/repair_log.hpp"

namespace hfaudit {

enum class Verdict : std::uint8_t {
  complete,
  subset,
  in_progress,
  unknown,
  incomplete,
  corrupt
};  // by rising gravity
[[nodiscard]] std::string_view to_string(Verdict verdict);

// The basis of a verdict, strongest first.
enum class Basis : std::uint8_t { lock, hub, source, tree, index, shard_names, structure, links };
[[nodiscard]] std::string_view to_string(Basis basis);

struct Amount {
  std::uint64_t present = 0;
  std::optional<std::uint64_t> expected;  // nullopt: unknown
};

struct RevisionReport {
  std::string commit;             // the snapshot's name
  std::vector<std::string> refs;  // that name it, sorted
  bool detached = false;          // refs exist, and all of them name other revisions
  Verdict verdict = Verdict::unknown;
  Basis basis = Basis::links;
  Amount files;
  Amount bytes;
  std::vector<std::string> missing;  // paths, the first few, for the one-line text
  // A model without weights here. False where its listing shows that it has none on the Hub either.
  // Omitted from the JSON report.
  bool without_weights = false;
  std::string weights_at;  // the commit of another snapshot that has weights, else empty
};

struct RepoReport {
  RepoId repo;       // id is empty for a --local-dir download of an unknown repo
  std::string path;  // as Finding::path
  Verdict verdict = Verdict::unknown;
  Basis basis = Basis::links;
  Amount bytes;  // of the revision that gave the verdict
  std::vector<RevisionReport> revisions;
  CacheRef cache_ref{};
};

// A scanned location, and the reason for it: "hub", "/data/hf/hub", "HF_HUB_CACHE".
struct ScannedLocation {
  std::string what;
  std::string path;
  std::string because;
  bool exists = false;
  CacheRef cache_ref{};
};

// A path that is unreadable, or whose action failed; the exit code is 3 where one is left, 4 where
// the Hub refused one.
struct Unreadable {
  std::string path;
  std::string operation;
  std::string cause;
  CacheRef cache_ref{};
  bool refused = false;  // by the Hub: not found, gated, or without a valid token
};

// A repo or a revision that was named and is absent from the cache; the exit code is at least 2.
struct NotFound {
  std::string name;   // as the command line takes it
  std::string cause;  // with the likely meaning
};

struct FileTotals {
  std::uint64_t files = 0, bytes = 0;
};

// The requested part of the content for a verify.
struct SubsetTaken {
  unsigned part = 0, of = 0;  // part/of of a fixed partition; 0: chosen at random
  std::string asked;          // as the user wrote it: "1/4", "10%", "50G"
  std::string listing;  // the divided listing, as a hash: parts with equal hashes belong together
};

// The files that a verify read, and those that it left out. A file counts once, however many names
// it has.
struct Verified {
  FileTotals proven;        // read to the end, and compared with their hashes: good or corrupt
  FileTotals unverifiable;  // without a known hash
  FileTotals left;          // chosen, but left unfinished: interrupted, out of time, or unreadable
  FileTotals total;         // all files, chosen or left out
  FileTotals trusted;       // chosen and left unread: an earlier run has proven them (`--max-age`)
  // the age of the oldest proof that there is, in seconds; nullopt: some content lacks a proof
  std::optional<std::uint64_t> oldest_proof_s;
  double seconds = 0;  // of reading
  std::optional<SubsetTaken> subset;
};

// The limits of a report: the rest of the cache is left out.
struct ReportScope {
  std::vector<std::string> repos;  // as the command line takes them: "datasets/acme/d@main"
  std::vector<std::string> include, exclude;  // patterns
  std::string locked{};                       // the path of the lock file; else empty

  [[nodiscard]] bool everything() const {
    return repos.empty() && include.empty() && exclude.empty();
  }
};

// Of a merged report: a report that went into it.
struct Source {
  std::string file;                   // as it was named; "-" for standard input
  std::string failure;                // the reason why it is unreadable; then all below is unknown
  std::string host, cache;            // its machine and its subject: CacheReport::place()
  std::string command;                // "scan"
  std::int64_t started_at = 0;        // as Report::started_at
  std::optional<ExitCode> exit_code;  // nullopt: it breaks off before its end
  std::optional<Verified> verified;
  ReportScope asked{};
};

// Of a merged report: how much of a fixed partition of a cache's content was read.
struct Partition {
  unsigned of = 0;
  std::string listing;  // as SubsetTaken::listing
  // the parts that are absent or unfinished: "3,5-7", as Slurm takes it
  std::string missing;
};

// Of a merged report: one of its caches.
struct CacheReport {
  std::vector<std::string> hosts;  // that scanned it, sorted; several where it is shared
  std::string hf_home, hub_cache, xet_cache, local_dir;
  std::vector<Partition> partitions;
  std::uint64_t bytes_present = 0, bytes_missing = 0, bytes_reclaimable = 0;

  [[nodiscard]] const std::string& place() const {
    return local_dir.empty() ? hub_cache : local_dir;
  }
};

// Of a pull: a file that is still missing.
struct PlannedFile {
  std::string path;
  std::uint64_t size = 0;
  std::uint64_t prefix = 0;  // bytes of it that are there, in a partial
  std::string failure;       // the reason of the failure; empty where the download was skipped
};

// The content from one of the other sources.
struct TransferShare {
  std::string source;  // a folder, or a URL without credentials
  FileTotals given;    // files that it gave as a whole, and bytes
};

// Of a pull: the result for one repo, or the plan.
struct Transfer {
  RepoId repo;
  std::string revision;        // as requested; empty: the default branch
  std::string commit;          // empty where the Hub left it out
  bool planned = false;        // only planned: --dry-run, --validate-only
  FileTotals wanted;           // all requested files of the listing
  FileTotals had;              // there, whole, before; the bytes count prefixes too
  FileTotals pulled;           // files that this run completed, and bytes that it put on disk
  std::uint64_t received = 0;  // bytes over the network
  std::vector<TransferShare> sources;  // besides the Hub; those that gave something
  // The origin of the commit and its files, if other than the Hub; "lock": the lock file; "cache":
  // the cache itself.
  std::string names_from;
  double seconds = 0;
  unsigned attempts = 0;
  std::vector<PlannedFile> left;  // the missing files, by path
  std::string failure;            // the reason of an incomplete transfer, as a sentence; else empty
};

// The change of a finding or of a repo since an earlier report.
enum class Change : std::uint8_t { same, added, worse, better, gone };
[[nodiscard]] std::string_view to_string(Change change);  // "same", "new", …

// The change of a finding that is here.
struct FindingChange {
  Change change = Change::same;
  std::string was{};  // the earlier message, where it is worse or better
};

// A repo whose verdict changed, or that is here in one of the two reports alone.
struct RepoChange {
  Change change = Change::same;
  RepoId repo;
  std::string path;                 // as RepoReport::path
  std::optional<Verdict> was, now;  // nullopt: absent
  std::uint64_t bytes_was = 0, bytes_now = 0;
  CacheRef cache_ref{};
};

// How a report differs from an earlier one of the same cache; compare_with() makes it.
struct Since {
  std::string file;             // of the earlier report, as it was named
  bool absent = false;          // the earlier report is absent: everything is new
  bool only_new = false;        // `--only-new`: exit_code_for() counts only new or worse findings
  std::string command, host;    // of the earlier report
  std::int64_t started_at = 0;  // likewise
  std::vector<FindingChange> findings;  // parallel to Report::findings
  std::vector<Finding> gone;            // of the earlier report
  std::vector<RepoChange> repos;        // in the order of Report::repos, those that are gone last
  std::uint64_t unchecked = 0;          // earlier findings that this run left out
  std::vector<std::string> notes;       // sentences: why the comparison is incomplete
};

struct Report {
  std::string command;                        // "scan"
  std::string host;                           // the machine's name
  std::string hf_home, hub_cache, xet_cache;  // absolute paths; empty where unscanned
  std::int64_t started_at = 0;                // seconds since the epoch, UTC
  std::uint64_t duration_ms = 0;
  ReportScope asked;
  std::vector<ScannedLocation> scanned;
  std::vector<RepoReport> repos;  // by type and id
  std::vector<Finding> findings;  // worst first, then by repo and path
  std::vector<Unreadable> unreadable;
  // unreadable files that the verdicts can spare: the exit code ignores them
  std::vector<Unreadable> noted;
  std::vector<NotFound> not_found;   // in the order of asking
  std::optional<Verified> verified;  // where content was read
  std::vector<Transfer> transfers;   // of a pull, in the order of asking
  std::optional<RepairLog> repair;   // of a repair
  std::optional<Since> since;        // compared with an earlier report
  std::vector<Source> sources;       // of a merged report: its inputs
  std::vector<CacheReport> caches;   // of a merged report: its caches, by place and host
  std::uint64_t bytes_present = 0, bytes_missing = 0, bytes_reclaimable = 0;
};

enum class FailOn : std::uint8_t { never, error, warning };

// The revision of that commit, or null.
[[nodiscard]] const RevisionReport* find_revision(const Report& report, const RepoId& repo,
                                                  const std::string& commit);

// The last that applies of ok, damage, usage, incomplete and refused. Named repos with an unknown
// verdict and unreachable ones make it incomplete. `fail_on`: the least severity that counts as
// damage. With Since::only_new, findings that the earlier report has as well are ignored.
[[nodiscard]] ExitCode exit_code_for(const Report& report, FailOn fail_on = FailOn::error);

}  // namespace hfaudit
