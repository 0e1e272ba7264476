// Repos and findings of a report as values, for tests that merge, compare and render reports.
#pragma once

#include <string>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit::test {

inline const std::string commit = "0123456789abcdef0123456789abcdef01234567";

// A model whose only revision is the branch main.
inline RepoReport repo_of(const std::string& id, Verdict verdict, Amount bytes = {1000, 1000}) {
  RepoReport repo;
  repo.repo = {RepoType::model, id};
  repo.path = "hub/" + repo.repo.folder();
  repo.verdict = verdict;
  repo.bytes = bytes;
  RevisionReport revision;
  revision.commit = commit;
  revision.refs = {"main"};
  revision.verdict = verdict;
  revision.bytes = bytes;
  repo.revisions = {revision};
  return repo;
}

// Of the commit above; in no repo where `repo` is empty.
inline Finding finding_of(FindingId id, const std::string& repo, const std::string& path,
                          const std::string& message) {
  Finding finding;
  finding.id = id;
  finding.severity = info_of(id).severity;
  finding.fix = info_of(id).fix;
  if (!repo.empty()) finding.repo = RepoId{RepoType::model, repo};
  if (!repo.empty()) finding.revision = commit;
  finding.path = path;
  finding.message = message;
  return finding;
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace hfaudit::test
