// The audit that reads the bytes: everything that audit() finds, and whether content has its
// expected hash.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

#include "hfaudit/audit.hpp"
#include "hfaudit/ledger.hpp"

namespace hfaudit {

// A selection of the files to read. One of three: a part, a share or an amount.
struct Subset {
  unsigned part = 0, of = 0;  // 1/of to of/of cover everything exactly once, even by bytes
  double share = 0;           // of all bytes, at random
  std::uint64_t bytes = 0;    // so many, at random
  std::string asked;          // as the user wrote it
};
// "3/8", "10%", "50G". Errors: anything else.
[[nodiscard]] Result<Subset> parse_subset(const std::string& text);

// The part of this task of an array job: of Slurm (SLURM_ARRAY_TASK_ID, _MIN, _MAX, _STEP, _COUNT),
// or of an indexed Job of Kubernetes (JOB_COMPLETION_INDEX, which counts from 0) with
// HFAUDIT_SUBSET_OF. With HFAUDIT_SUBSET_OF, Slurm's task ids are the parts, from 1 on, so that
// some of them can be submitted again. Errors: neither, or ids that leave parts out.
[[nodiscard]] Result<Subset> array_subset(const Environment& environment);

// A scrub reads files without a proof first, in random order: some never get one, and must not take
// all of the time. Running out of time is a success for a scrub.
enum class VerifyCommand : std::uint8_t { verify, scrub };

struct VerifyRequest {
  VerifyCommand command = VerifyCommand::verify;
  std::optional<Subset> subset;
  std::uint64_t max_rate = 0;  // bytes per second over all threads; 0: unlimited
  std::optional<std::chrono::milliseconds> max_duration;
  std::uint64_t seed = 0;  // the random choice
  LedgerRequest ledger;    // where proofs are kept; with an age, those stand for reading
};

struct VerifyProgress {
  std::uint64_t files = 0, files_total = 0;
  std::uint64_t bytes = 0, bytes_total = 0;
  double seconds = 0;  // since reading began
};

// As audit(), of which this is a superset. `request.jobs` is the number of reading threads too.
// `progress` is called from the caller's thread, about ten times a second while reading. Content is
// opened below the directories that the audit walked; links are followed only into the shared blob
// store and, of an old --local-dir, to the cache. The page cache stays unchanged. Interrupted, or
// out of time, the report holds the files proven until then.
[[nodiscard]] Result<Report> verify(const Layout& layout, const AuditRequest& request,
                                    const VerifyRequest& how,
                                    const std::function<void(const VerifyProgress&)>& progress,
                                    const std::stop_token& stop = {});

}  // namespace hfaudit
