#include "preflight/refusal.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/shell.hpp"
#include "hfaudit/render.hpp"
#include "rules/finding_facts.hpp"
#include "rules/whole_revision.hpp"

namespace hfaudit {

std::string name_of(const RepoRequest& repo, const AuditRequest& what) {
  return what.local_dir ? printable(*what.local_dir) : name_of(repo);
}

std::string name_of(const RepoRequest& repo) {
  return printable(repo.name());
}

std::string run_hint(const std::string& command) {
  return command.empty() ? std::string() : "; run: " + command;
}

bool is_of_ref(const Finding& finding, const std::string& revision) {
  return finding.id == FindingId::ref_malformed &&
         text_detail(finding, detail_key::ref) == revision;
}

bool is_denied(const Unreadable& place) {
  return place.cause.starts_with(std::generic_category().message(EACCES));
}

namespace {

const RepoReport* find_repo(const Report& report, const RepoId& repo) {
  const auto at = std::find_if(report.repos.begin(), report.repos.end(),
                               [&](const RepoReport& one) { return one.repo == repo; });
  return at == report.repos.end() ? nullptr : &*at;
}

// A refusal because of unreadable paths; names the first.
bool refuse_unseen(Admission& admission, const Report& report) {
  for (const auto& unreadable : report.unreadable) {
    if (unreadable.path.find(".locks") != std::string::npos && is_denied(unreadable)) continue;
    admission.code = unreadable.refused ? ExitCode::refused : ExitCode::incomplete;
    admission.why = name_of(admission.repo) + ": cannot " + printable(unreadable.operation) + " " +
                    printable(unreadable.path) + ": " + printable(unreadable.cause);
    return true;
  }
  return false;
}

}  // namespace

std::optional<Admission> refuse_unreachable(const Report& report, const RepoRequest& repo) {
  for (const auto& finding : report.findings) {
    if (finding.id != FindingId::unreachable_repo) continue;
    if (finding.repo && finding.repo != repo.repo) continue;
    Admission admission;
    admission.repo = repo;
    admission.code = ExitCode::incomplete;
    admission.unreachable = true;
    admission.why = name_of(repo) + ": " + printable(finding.path) + " " + finding.message;
    return admission;
  }
  return std::nullopt;
}

void name_other_revision(Admission& admission, const Report& report) {
  const auto* repo = find_repo(report, admission.repo.repo);
  if (repo == nullptr || admission.pass) return;
  const auto* whole = whole_revision(repo->revisions, admission.commit);
  if (whole == nullptr || admission.why.find(whole->commit) != std::string::npos) return;
  if (admission.weightless && whole->without_weights) return;  // equally useless
  const auto pull = admission.why.find("; run: hfaudit pull ");
  if (admission.commit.empty() && pull != std::string::npos) admission.why.resize(pull);
  admission.why += "; " + in_words(repo->repo, *whole);
}

Admission refuse_absent(const Report* report, const RepoRequest& repo, const std::string& hub_cache,
                        const std::string& elsewhere, const std::string& location) {
  const auto next = [&](const char* command) {
    return run_hint("hfaudit " + std::string(command) + " " + shell_quote(repo.name()) + location);
  };
  Admission admission;
  admission.repo = repo;
  admission.code = ExitCode::usage;
  admission.why = name_of(repo) + ": it is not in " + printable(hub_cache) +
                  (elsewhere.empty() ? next("pull") : "; " + elsewhere);
  if (report == nullptr || refuse_unseen(admission, *report)) return admission;
  if (const auto* here = find_repo(*report, repo.repo)) {
    const bool empty = here->revisions.empty();
    if (here->verdict == Verdict::unknown) admission.code = ExitCode::incomplete;
    admission.why =
        name_of(repo) + ": " +
        (empty ? "nothing of it is in " + printable(hub_cache)
               : "the cache has no " + printable(repo.revision.value_or("main")) + " of it") +
        next("pull");
  }
  for (const auto& finding : report->findings) {
    const bool unlinked = finding.id == FindingId::lost_link && finding.repo == repo.repo &&
                          finding.revision.empty();  // its blobs are here, all the rest is gone
    if (!unlinked && !is_of_ref(finding, repo.revision.value_or("main"))) continue;
    admission.code = ExitCode::damage;
    admission.why = name_of(repo) + ": " + printable(finding.message) + next("repair");
  }
  return admission;
}

}  // namespace hfaudit
