#include "pull/present.hpp"

#include <algorithm>

#include "digest/reading.hpp"

namespace hfaudit {
namespace {

class PresentFiles final : public ReadingSource {
 public:
  PresentFiles(std::vector<PresentFile>& files, Store& store) : files_(files), store_(store) {}

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t job) override {
    auto opened = store_.open(*files_[job].file);
    if (!opened || !*opened) return opened;
    const bool same = (*opened)->meta().key == files_[job].state.key;
    return same ? std::move(opened) : std::unique_ptr<os::File>();
  }

  // Each job has an element of its own, so threads work without a lock.
  void done(std::size_t job, ContentRead read) override {
    auto& present = files_[job];
    const auto claim = claim_of(ClaimSource::hub, present.file->etag());
    if (read.outcome != ReadOutcome::whole || !claim) return;
    const auto& hash = read.hash(claim->kind);
    present.good = hash == claim->hex;
    present.bad = !hash.empty() && !present.good;
  }

 private:
  std::vector<PresentFile>& files_;
  Store& store_;
};

}  // namespace

void check_present(std::vector<PresentFile>& files, Store& store, const std::stop_token& stop,
                   const std::function<void(std::uint64_t)>& tick) {
  std::sort(files.begin(), files.end(),
            [](const PresentFile& a, const PresentFile& b) { return a.file->size > b.file->size; });
  std::vector<ReadingJob> jobs;
  for (const auto& present : files) {
    const auto claim = claim_of(ClaimSource::hub, present.file->etag());
    const bool sha256 = claim && claim->kind == HashKind::sha256;
    jobs.push_back({present.file->size, sha256, claim && !sha256});
  }
  PresentFiles place(files, store);
  ReadingLimits limits;
  limits.stop = stop;
  read_all(jobs, place, limits, [&](const ReadingProgress& progress) { tick(progress.bytes); });
}

}  // namespace hfaudit
