// One scan of a preflight, and the decision on it.
#include <algorithm>
#include <cerrno>
#include <random>

#include "audit/lookup.hpp"
#include "audit/run.hpp"
#include "base/shell.hpp"
#include "hfaudit/verify.hpp"
#include "preflight/admit.hpp"
#include "preflight/preflight_run.hpp"
#include "preflight/refusal.hpp"

namespace hfaudit {
namespace {

// The options that make another command work in the same cache.
std::string location_options(const Layout& layout) {
  std::string options;
  if (layout.hf_home.because == "--hf-home")
    options += " --hf-home " + shell_quote(layout.hf_home.path);
  if (layout.hub_cache.because == "--cache-dir")
    options += " --cache-dir " + shell_quote(layout.hub_cache.path);
  return options;
}

Admission refuse_unaudited(const RepoRequest& repo, ExitCode code, const std::string& name,
                           const Error& error) {
  Admission admission;
  admission.repo = repo;
  admission.code = code;
  admission.why =
      name + "cannot " + error.operation + " " + printable(error.subject) + ": " + error.cause;
  return admission;
}

}  // namespace

std::string commit_of(const Report& report, const RepoRequest& repo) {
  const auto asked = repo.revision.value_or("main");
  for (const auto& one : report.repos) {
    if (one.repo != repo.repo) continue;
    for (const auto& revision : one.revisions) {
      const auto& refs = revision.refs;
      if (std::find(refs.begin(), refs.end(), asked) != refs.end()) return revision.commit;
    }
    for (const auto& revision : one.revisions) {
      if (is_commit_hash(asked) && revision.commit == asked) return revision.commit;
    }
  }
  return {};
}

Result<Report> Preflight::audit_of(const RepoRequest& repo, Depth depth) const {
  auto what = request_.what;
  if (!what.local_dir) what.repos = {with_revision(repo)};
  what.whole_home = false;
  what.online = request_.online && depth == Depth::as_asked;
  if (depth == Depth::quick || !reads_content()) return audit(layout_, what, stop_);
  VerifyRequest how;
  if (request_.check == PreflightCheck::sample) {
    constexpr std::uint64_t gigabyte = 1'000'000'000;
    how.subset = Subset{0, 0, 0, gigabyte, "1G"};
    how.seed = std::random_device{}();
  }
  how.ledger = request_.ledger;
  how.ledger.use = LedgerUse::read;
  return verify(layout_, what, how, [](const VerifyProgress&) {}, stop_);
}

Admission Preflight::inspect_local(const RepoRequest& repo, Depth depth) {
  auto report = audit_of(repo, depth);
  if (!report) {
    const bool absent = report.error().code == ENOENT;
    return refuse_unaudited(repo, absent ? ExitCode::usage : ExitCode::incomplete, {},
                            report.error());
  }
  report_ = std::move(*report);
  if (report_.repos.empty())  // the folder itself is unreadable
    return refuse_absent(&report_, repo, *request_.what.local_dir, {}, {});
  const auto& revisions = report_.repos.front().revisions;
  const auto commit = revisions.empty() ? std::string() : revisions.front().commit;
  auto admission =
      admit(report_, repo, commit, see_folder(*request_.what.local_dir, texts()), request_);
  admission.snapshot = absolute_path(*request_.what.local_dir);
  return admission;
}

// Of all revisions of the repo, without a question to the Hub and without its content.
std::optional<Report> Preflight::whole_report(const RepoRequest& repo) const {
  auto what = request_.what;
  what.repos = {{repo.repo, std::nullopt}};
  what.whole_home = false;
  what.online = false;
  auto report = audit(layout_, what, stop_);
  return report ? std::optional<Report>(std::move(*report)) : std::nullopt;
}

// The named revision is absent or unreadable.
Admission Preflight::refuse_missing(const RepoRequest& repo) {
  auto whole = whole_report(repo);
  const bool here = whole && !whole->repos.empty();
  const auto elsewhere = here || (whole && !whole->unreadable.empty())
                             ? std::string()
                             : find_elsewhere(layout_, repo.repo);
  auto admission = refuse_absent(whole ? &*whole : nullptr, repo, layout_.hub_cache.path, elsewhere,
                                 location_options(layout_));
  if (whole) {
    name_other_revision(admission, *whole);
    if (report_.hub_cache.empty()) report_ = std::move(*whole);
  } else {
    report_.not_found = {{repo.name(), "not in the cache"}};
  }
  return admission;
}

Admission Preflight::inspect(const RepoRequest& repo, Depth depth) {
  if (request_.what.local_dir) return inspect_local(repo, depth);
  auto report = audit_of(repo, depth);
  if (!report) {
    if (report.error().code == ENOENT) return refuse_missing(repo);
    return refuse_unaudited(repo, ExitCode::incomplete, printable(repo.repo.name()) + ": ",
                            report.error());
  }
  report_ = std::move(*report);
  if (auto unreachable = refuse_unreachable(report_, repo)) return *unreachable;
  const auto commit = commit_of(report_, repo);
  if (commit.empty() && !report_.unreadable.empty())
    return refuse_absent(&report_, repo, layout_.hub_cache.path, {}, location_options(layout_));
  if (commit.empty()) return refuse_missing(repo);
  auto admission =
      admit(report_, repo, commit, see_snapshot(layout_, repo.repo, commit, texts()), request_);
  admission.snapshot = layout_.hub_cache.path + "/" + repo.repo.folder() + "/snapshots/" + commit;
  const bool damaged = !admission.pass && admission.code == ExitCode::damage;
  if (damaged && depth == Depth::as_asked && admission.verdict != Verdict::in_progress) {
    if (const auto whole = whole_report(repo)) name_other_revision(admission, *whole);
  }
  return admission;
}

}  // namespace hfaudit
