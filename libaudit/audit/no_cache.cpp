// Audits of a folder that is closed, lies behind a dead link, or is still to receive its first
// download.
#include <cerrno>
#include <utility>

#include "audit/locked.hpp"
#include "audit/lookup.hpp"
#include "audit/run.hpp"
#include "cache/blob_name.hpp"
#include "os/access.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "rules/check_home.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

// A report that stands from the beginning.
class FixedAudit final : public AuditRun {
 public:
  explicit FixedAudit(Report report) : report_(std::move(report)) {}

  Result<void> inspect() override { return {}; }
  void rescan(std::size_t, const ContentReads&) override {}
  Report finish() override { return std::move(report_); }
  [[nodiscard]] std::string path_of(std::size_t, const Content& content) const override {
    return content.place;
  }
  [[nodiscard]] Result<os::Directory> ledger_folder(std::size_t) const override {
    return failure("open", "the repo", "nothing is here", ENOENT);
  }
  [[nodiscard]] std::string ledger_name(std::size_t) const override { return {}; }
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t, const Content&) const override {
    return std::unique_ptr<os::File>();
  }

 private:
  Report report_;
};

std::string place_of(const Layout& layout, const AuditRequest& request) {
  return request.local_dir ? absolute_path(*request.local_dir) : layout.hub_cache.path;
}

enum class Folder : std::uint8_t { absent, unreadable };

Report report_on(const Layout& layout, const AuditRequest& request, Folder folder) {
  const bool exists = folder == Folder::unreadable;
  Report report;
  const auto path = place_of(layout, request);
  if (request.local_dir) {
    report.scanned.push_back({"local-dir", path, "--local-dir", exists});
    return report;
  }
  report.hf_home = layout.hf_home.path;
  report.hub_cache = path;
  report.scanned.push_back({"hub", path, layout.hub_cache.because, exists});
  return report;
}

}  // namespace

std::unique_ptr<AuditRun> make_unreadable_audit(const Layout& layout, const AuditRequest& request,
                                                const Error& error) {
  auto report = report_on(layout, request, Folder::unreadable);
  report.unreadable.push_back(
      {within_home(layout, place_of(layout, request)), error.operation, error.cause});
  return std::make_unique<FixedAudit>(std::move(report));
}

std::unique_ptr<AuditRun> make_unreachable_audit(const Layout& layout,
                                                 const AuditRequest& request) {
  const auto link = os::find_dead_link(place_of(layout, request));
  if (!link) return nullptr;
  auto report = report_on(layout, request, Folder::absent);
  RepoInventory none;
  const bool is_home = link->path == layout.hf_home.path;
  none.dead_links.push_back(
      {is_home ? link->path : within_home(layout, link->path), {}, link->target});
  const Evidence nothing;
  RepoCheck check(none, nothing, {});
  check_unreachable_repo(check);
  report.findings = std::move(check.findings);
  return std::make_unique<FixedAudit>(std::move(report));
}

std::unique_ptr<AuditRun> make_absent_audit(const Layout& layout, const AuditRequest& request) {
  auto report = report_on(layout, request, Folder::absent);
  for (const auto& asked : request.repos) {
    const auto commit = asked.revision.value_or("");
    RepoInventory absent;
    absent.repo = asked.repo;
    absent.folder = asked.repo.folder();
    Evidence evidence;
    add_locked(*request.locked, commit, absent, evidence);
    CheckContext context;
    context.asked_revision = commit;
    auto judgement = judge(absent, evidence, context);
    const auto placed = [&](const std::string& path) {
      return within_home(layout, layout.hub_cache.path + "/" + path);
    };
    judgement.report.path = placed(judgement.report.path);
    for (auto& finding : judgement.findings) {
      finding.path = placed(finding.path);
      report.findings.push_back(std::move(finding));
    }
    report.bytes_missing += judgement.bytes_missing;
    report.repos.push_back(std::move(judgement.report));
  }
  return std::make_unique<FixedAudit>(std::move(report));
}

Result<std::unique_ptr<AuditRun>> begin_audit_without_hub(const Layout& layout,
                                                          const AuditRequest& request) {
  const auto& path = layout.hub_cache.path;
  auto cause = absent_hub_in_words(layout);
  if (!request.repos.empty()) {
    const auto elsewhere = find_elsewhere(layout, request.repos.front().repo);
    return failure("find", request.repos.front().name(),
                   "nothing was downloaded yet into " + path +
                       (elsewhere.empty() ? elsewhere : "; " + elsewhere),
                   ENOENT);
  }
  auto nothing = failure("find a cache at", path, cause, ENOENT);
  auto user = find_cache_user(layout, request);
  if (!request.whole_home || !user) return nothing;
  os::Processes processes{may_be_partial};
  const HomeContext around{layout, *user, processes, unix_time_ns()};
  HomeInventory home;
  walk_home(around, home);
  CheckContext context;
  context.user_id = user->uid();
  context.user_name = user->name();
  context.now_ns = around.now_ns;
  auto report = report_on(layout, request, Folder::absent);
  report.findings = check_home(home, nullptr, context);
  report.unreadable = std::move(home.things.unreadable);
  if (report.findings.empty() && report.unreadable.empty()) return nothing;
  report.not_found.push_back({path, std::move(cause)});
  return std::make_unique<FixedAudit>(std::move(report));
}

}  // namespace hfaudit
