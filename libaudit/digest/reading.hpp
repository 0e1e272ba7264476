// Reads many files and hashes them: all cores, one pool, the largest first.
//
// A thread hashes several files at a time, while the disk brings the next pieces of all: two, since
// one stream leaves half of a core's SHA unit idle, or as many as the lanes of its vector registers
// want (digest/sha256_plan); one, where the disk is too slow for that to matter. As long as there
// are many, a file is read from beginning to end; the last ones take turns, the one with most left
// first, so that all cores are busy until the end. Where there are fewer files than threads could
// hash, one whose chain is known is read in parts, each from a state of the chain: a part counts
// only once the one before it has led to that state, so the digest is that of the bytes,
// independent of the chain. The number of threads is found by trial (ThreadCount).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "cache/content.hpp"
#include "digest/block_chain.hpp"
#include "os/fs.hpp"

namespace hfaudit {

struct ReadingJob {
  std::uint64_t size = 0;
  bool sha256 = false, git_sha1 = false;  // the digests to compute
};

// Where the files come from and where the results go. Called from several threads at once.
class ReadingSource {
 public:
  virtual ~ReadingSource() = default;
  // nullptr: the file is gone, and its result is skipped.
  [[nodiscard]] virtual Result<std::unique_ptr<os::File>> open(std::size_t job) = 0;
  virtual void done(std::size_t job, ContentRead read) = 0;
  // The expected states of its SHA-256. Asked only if useful, at most once.
  [[nodiscard]] virtual std::optional<BlockChain> chain_of(std::size_t) { return std::nullopt; }
};

struct ReadingLimits {
  unsigned threads = 0;        // 0: as many as pay off
  std::uint64_t max_rate = 0;  // bytes per second over all; 0: unlimited
  std::optional<std::chrono::steady_clock::time_point> until;
  std::stop_token stop;
};

struct ReadingProgress {
  std::uint64_t files = 0, bytes = 0;  // done so far, unfinished files included
};

// Returns when all are done, or about a tenth of a second after it was interrupted or its time was
// over: then some lack a result. `jobs` is best sorted by falling size. `tick` is called from the
// caller's thread, ten times a second.
void read_all(const std::vector<ReadingJob>& jobs, ReadingSource& place,
              const ReadingLimits& limits, const std::function<void(const ReadingProgress&)>& tick);

}  // namespace hfaudit
