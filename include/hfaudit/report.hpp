// What an audit found: verdicts per revision and repo, the findings, the sums. The JSON report is a rendering of
// it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/finding.hpp"
#include "hfaudit/identity.hpp"

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

// What a verdict stands on, strongest first.
enum class Basis : std::uint8_t { hub, tree, index, shard_names, structure, links };
[[nodiscard]] std::string_view to_string(Basis basis);

struct Amount {
  std::uint64_t present = 0;
  std::optional<std::uint64_t> expected;  // nullopt: not known
};

struct RevisionReport {
  std::string commit;             // the snapshot's name
  std::vector<std::string> refs;  // that name it, sorted
  bool detached = false;          // no ref names it, and one names another
  Verdict verdict = Verdict::unknown;
  Basis basis = Basis::links;
  Amount files;
  Amount bytes;
  std::vector<std::string> missing;  // paths, the first few, for the one-line text
};

struct RepoReport {
  RepoId repo;       // id is empty for a --local-dir download of an unknown repo
  std::string path;  // as Finding::path
  Verdict verdict = Verdict::unknown;
  Basis basis = Basis::links;
  Amount bytes;  // of the revision that gave the verdict
  std::vector<RevisionReport> revisions;
};

// A place that was looked at, and why there: "hub", "/data/hf/hub", "HF_HUB_CACHE".
struct LookedAt {
  std::string what;
  std::string path;
  std::string because;
  bool exists = false;
};

// Something that could not be looked at; the exit code is 3 where one is left.
struct Blind {
  std::string path;
  std::string operation;
  std::string cause;
};

struct Report {
  std::string command;                        // "scan"
  std::string hf_home, hub_cache, xet_cache;  // absolute paths; empty where not looked at
  std::int64_t started_at = 0;                // seconds since the epoch, UTC
  std::uint64_t duration_ms = 0;
  std::vector<LookedAt> looked_at;
  std::vector<RepoReport> repos;  // by type and id
  std::vector<Finding> findings;  // worst first, then by repo and path
  std::vector<Blind> blind;
  std::uint64_t bytes_present = 0, bytes_missing = 0, bytes_reclaimable = 0;
};

enum class FailOn : std::uint8_t { never, error, warning };

// 0, 1 or 3 by the contract's table of exit codes.
[[nodiscard]] int exit_code(const Report& report, FailOn bar = FailOn::error);

}  // namespace hfaudit
