// A self-contained cache of some repos as a tar archive: unpacked into any hub folder it is a cache
// that every client loads, with payloads in place of links into a shared store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/refusal.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit {

struct ExportRequest {
  AuditRequest what;              // `what.repos` has at least one repo
  bool allow_incomplete = false;  // also incomplete repos; corrupt ones are still refused
};

struct ExportTotals {
  std::uint64_t repos = 0;
  std::uint64_t files = 0;         // names in snapshots
  std::uint64_t bytes = 0;         // of content; a blob counts once, however many names it has
  std::uint64_t unverifiable = 0;  // contents without a known digest
};

struct ExportProgress {
  std::uint64_t bytes = 0, bytes_total = 0;
  double seconds = 0;
};

class Exporter {
 public:
  // Audits the repos and plans the archive; leaves contents unread and is read-only. If a repo is
  // refused, so is the whole export. Errors: usage, as audit(). An Exporter is for one thread at a
  // time and owns its plan; `layout` and `request` may go.
  [[nodiscard]] static Result<Exporter> prepare(const Layout& layout, const ExportRequest& request,
                                                const std::stop_token& stop = {});
  Exporter(Exporter&& other) noexcept;
  Exporter& operator=(Exporter&& other) = delete;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  ~Exporter();

  [[nodiscard]] const std::vector<RepoRefusal>& refused() const;
  // A sentence for each part of these repos that is left out.
  [[nodiscard]] const std::vector<std::string>& notes() const;
  [[nodiscard]] const ExportTotals& totals() const;

  // Writes the archive to `sink`, hashing it on the way. Reading stops at the first error, and an
  // archive that ends in one makes every extractor fail; it lacks the ref of the unfinished repo.
  // Errors: content with a wrong hash (code EILSEQ); a file that is unreadable or changed
  // meanwhile; those of the sink; ECANCELED once `stop` is requested. Symlinks: files are opened by
  // their path below the hub, past the links that name them.
  using ArchiveSink = std::function<Result<void>(std::string_view)>;
  [[nodiscard]] Result<void> write(const ArchiveSink& sink,
                                   const std::function<void(const ExportProgress&)>& progress = {},
                                   const std::stop_token& stop = {});

 private:
  struct State;
  explicit Exporter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hfaudit
