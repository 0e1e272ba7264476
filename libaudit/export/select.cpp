#include "export/select.hpp"

#include <algorithm>

#include "hfaudit/render.hpp"

namespace hfaudit {
namespace {

bool is_whole(Verdict verdict) {
  return verdict == Verdict::complete || verdict == Verdict::subset;
}

// The audit may cover several revisions of a repo: the worst answer counts.
std::optional<Verdict> verdict_of(const Report& report, const RepoId& repo,
                                  const std::string& commit) {
  std::optional<Verdict> worst;
  for (const auto& one : report.repos) {
    if (one.repo != repo) continue;
    for (const auto& revision : one.revisions) {
      if (revision.commit == commit && (!worst || revision.verdict > *worst))
        worst = revision.verdict;
    }
  }
  return worst;
}

std::optional<Verdict> verdict_of(const Report& report, const RepoId& repo) {
  std::optional<Verdict> worst;
  for (const auto& one : report.repos) {
    if (one.repo == repo && (!worst || one.verdict > *worst)) worst = one.verdict;
  }
  return worst;
}

std::string cause_in_words(const Report& report, const RepoId& repo, const std::string& commit) {
  for (const auto& finding : report.findings) {
    const bool of_it = finding.repo == repo && finding.severity == Severity::error &&
                       (commit.empty() || finding.revision.empty() || finding.revision == commit);
    if (of_it) return ": " + printable(finding.message);
  }
  return {};
}

// nullopt: it may be exported. A running download is damage, as for preflight and lock.
std::optional<RepoRefusal> refusal_of(const Report& report, const RepoRequest& asked,
                                      const std::string& commit, std::optional<Verdict> verdict,
                                      bool allow_incomplete) {
  if (verdict && is_whole(*verdict)) return std::nullopt;
  const auto refuse = [&](const std::string& why, ExitCode code) {
    return RepoRefusal{"cannot export " + printable(asked.name()) + ": " + why, code};
  };
  const auto repo = printable(asked.repo.name());
  if (verdict == Verdict::corrupt)
    return refuse("it is corrupt" + cause_in_words(report, asked.repo, commit) +
                      "; run: hfaudit repair " + repo,
                  ExitCode::damage);
  if (allow_incomplete) return std::nullopt;
  if (verdict == Verdict::incomplete)
    return refuse("it is incomplete" + cause_in_words(report, asked.repo, commit) +
                      "; run: hfaudit repair " + repo + ", or export it with --allow-incomplete",
                  ExitCode::damage);
  if (verdict == Verdict::in_progress)
    return refuse("a process is downloading it; run: hfaudit watch " + repo, ExitCode::damage);
  return refuse("no evidence shows whether it is complete; run: hfaudit scan " + repo +
                    ", or export it with --allow-incomplete",
                ExitCode::incomplete);
}

}  // namespace

ExportChoice choose_revisions(const RepoInventory& repo, const Report& report,
                              const RepoRequest& asked, const std::string& commit,
                              bool allow_incomplete) {
  ExportChoice choice;
  const auto verdict =
      commit.empty() ? verdict_of(report, asked.repo) : verdict_of(report, asked.repo, commit);
  choice.refusal = refusal_of(report, asked, commit, verdict, allow_incomplete);
  if (choice.refusal) return choice;
  for (const auto& revision : repo.revisions) {
    if (!revision.exists || (!commit.empty() && revision.commit != commit)) continue;
    const auto own = verdict_of(report, asked.repo, revision.commit).value_or(Verdict::unknown);
    if (is_whole(own) || (allow_incomplete && own != Verdict::corrupt)) {
      choice.commits.insert(revision.commit);
    } else {
      choice.notes.push_back(repo.folder + "/snapshots/" + revision.commit +
                             " is left out: no ref names it, and it is " +
                             std::string(to_string(own)));
    }
  }
  if (choice.commits.empty())
    choice.refusal =
        RepoRefusal{"cannot export " + printable(asked.name()) +
                        ": it has no files here; run: hfaudit pull " + printable(asked.name()),
                    ExitCode::incomplete};
  return choice;
}

}  // namespace hfaudit
