// The gate before a server's start: is this model really here, now, for this process?
//
// A revision passes when it is complete, or a subset that has its weights and all that its indices
// name, and when an offline client (HF_HUB_OFFLINE) would load it: its ref is valid, no marker
// hides a file, and this process may read every file. Other defects of the cache are irrelevant.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/exit_code.hpp"
#include "hfaudit/pull.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

enum class PreflightCheck : std::uint8_t {
  metadata,   // names, and sizes where a listing gives them
  structure,  // and the values of headers and indices
  sample,     // and the hashes of a gigabyte of files, chosen at random
  full        // and all hashes
};
[[nodiscard]] std::optional<PreflightCheck> parse_preflight_check(std::string_view text);

// The program that will open the model: `--for LOADER`.
enum class Loader : std::uint8_t {
  transformers,
  sentence_transformers,
  diffusers,
  peft,
  onnxruntime,
  llama_cpp,
  mlx,
  ctranslate2,
  vllm,
  sglang,
  tgi,
  tokenizer,
  datasets
};
[[nodiscard]] std::optional<Loader> parse_loader(std::string_view text);  // "sentence-transformers"

struct PreflightRequest {
  // One repo or more; without a revision, main. With a `local_dir`, that folder, and at most one.
  AuditRequest what;
  PreflightCheck check = PreflightCheck::structure;
  std::vector<std::string> require;  // fnmatch patterns: of each, a file must be here
  std::optional<Loader> loader;      // its needs count, beyond weights and named files
  bool strict = false;               // the whole listing; a subset fails
  bool online = false;               // also ask the Hub, a few times at most
  bool mark_moved = false;           // and whether the branch names another commit there
  bool repair = false;  // missing or wrong files are downloaded, by one process at a time
  std::chrono::milliseconds wait{0};  // the longest wait for a download by another process
  DownloadOptions download;
  LedgerRequest ledger;  // for the checks that hash content
};

// Of one repo.
struct Admission {
  RepoRequest repo;
  bool pass = false;
  std::string commit;            // empty where the revision is absent
  std::string snapshot;          // its folder, an absolute path; likewise
  std::string why;               // if it fails: the defect and the next command, in a line
  ExitCode code = ExitCode::ok;  // usage: the repo is absent
  Verdict verdict = Verdict::unknown;
  // Gaps that a repair leaves, because a subset is not damage.
  bool weightless = false;        // a model without its weights
  bool unreachable = false;       // it lies behind a dead link: the repair is skipped
  bool required_missing = false;  // one of `require` lacks a match; all else is well
  std::string note;               // shown with --verbose: the branch has moved on at the Hub
};

struct PreflightEvents {
  std::function<void(const RepoId&, std::uint64_t bytes, std::optional<std::uint64_t> total)>
      waiting;  // twice a second
  std::function<void(const PullProgress&)> pulling;
};

struct PreflightResult {
  std::vector<Admission> admissions;  // in the order of asking
  Report report;                      // of the last scan of each
  ExitCode code = ExitCode::ok;  // the first that applies of refused, incomplete, usage, damage
};

// Opens only the named repos, their locks and, on the way to them, the hub folder, which stays
// unlisted. Errors: usage. Interrupted, it returns within a second, and passes only what had passed
// before. Thread safety and symlinks: as audit(), with a repair as repair().
[[nodiscard]] Result<PreflightResult> preflight(const Layout& layout,
                                                const PreflightRequest& request,
                                                const PreflightEvents& events,
                                                const std::stop_token& stop = {});

}  // namespace hfaudit
