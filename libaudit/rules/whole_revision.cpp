#include "rules/whole_revision.hpp"

#include "rules/finding_facts.hpp"

namespace hfaudit {

const RevisionReport* whole_revision(std::span<const RevisionReport> revisions,
                                     std::string_view except) {
  const auto rank = [](const RevisionReport& revision) {
    const int verdict = revision.verdict == Verdict::complete ? 4
                        : revision.verdict == Verdict::subset ? 2
                                                              : 0;
    return verdict == 0 ? 0 : verdict + (revision.refs.empty() ? 0 : 1);
  };
  const RevisionReport* best = nullptr;
  for (const auto& revision : revisions) {
    if (revision.commit == except || rank(revision) == 0) continue;
    if (best == nullptr || rank(revision) > rank(*best)) best = &revision;
  }
  return best;
}

std::string in_words(const RepoId& repo, const RevisionReport& revision) {
  auto text =
      repo.name() + "@" + revision.commit + " is here, " + std::string(to_string(revision.verdict));
  if (!revision.refs.empty()) text += " (" + revision.refs.front() + ")";
  return printable(text);
}

void name_whole_revision(RepoCheck& c, std::span<const RevisionReport> revisions) {
  for (auto& finding : c.findings) {
    if (finding.id != FindingId::nothing_here) continue;
    const auto* whole = whole_revision(revisions, finding.revision);
    if (whole == nullptr) continue;
    finding.message += "; " + in_words(c.repo.repo, *whole);
    finding.details.emplace_back(detail_key::whole, whole->commit);
  }
}

}  // namespace hfaudit
