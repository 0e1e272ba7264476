#include "export/arrival.hpp"

#include <algorithm>
#include <map>

#include "hfaudit/render.hpp"
#include "rules/judge.hpp"

namespace hfaudit {
namespace {

// The statements of exported files alone. The listing is exported as it is.
RevisionEvidence exported_evidence(const RevisionEvidence& all, const PathFilter& filter) {
  auto evidence = all;
  const auto left_out = [&](const std::string& path) { return !filter.accepts(path); };
  std::erase_if(evidence.indices, [&](const auto& index) { return left_out(index.path); });
  std::erase_if(evidence.named, [&](const auto& one) { return left_out(one.named_by); });
  std::erase_if(evidence.unusable, [&](const auto& one) { return left_out(one.first); });
  std::erase_if(evidence.structures, [&](const auto& one) { return left_out(one.first); });
  if (left_out("model_index.json")) evidence.components.clear();
  return evidence;
}

// Unused blobs are left out: there they would be content without its link.
void keep_used_blobs(RepoInventory& repo) {
  std::map<int, int> kept;  // old and new number, in the order of the names
  for (const auto& revision : repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (entry.blob >= 0) kept.emplace(entry.blob, 0);
    }
  }
  std::vector<Blob> blobs;
  for (auto& [old_number, number] : kept) {
    number = static_cast<int>(blobs.size());
    blobs.push_back(std::move(repo.blobs[static_cast<std::size_t>(old_number)]));
  }
  repo.blobs = std::move(blobs);
  for (auto& revision : repo.revisions) {
    for (auto& entry : revision.entries) {
      if (entry.blob >= 0) entry.blob = kept[entry.blob];
    }
  }
}

}  // namespace

std::vector<std::string> warnings_on_arrival(const RepoInventory& repo, const Evidence& evidence,
                                             const std::set<std::string>& commits,
                                             const PathFilter& filter) {
  RepoInventory arrived;
  arrived.repo = repo.repo;
  arrived.folder = repo.folder;
  arrived.blobs = repo.blobs;
  Evidence known;
  for (std::size_t i = 0; i < repo.revisions.size() && i < evidence.revisions.size(); ++i) {
    if (!commits.contains(repo.revisions[i].commit)) continue;
    auto& revision = arrived.revisions.emplace_back(repo.revisions[i]);
    std::erase_if(revision.entries,
                  [&](const Entry& entry) { return !filter.accepts(entry.path); });
    known.revisions.push_back(exported_evidence(evidence.revisions[i], filter));
  }
  std::copy_if(repo.refs.begin(), repo.refs.end(), std::back_inserter(arrived.refs),
               [&](const Ref& ref) { return commits.contains(ref.commit); });
  keep_used_blobs(arrived);
  const auto judged = judge(arrived, known, {});
  std::vector<std::string> warnings;
  for (const auto& revision : judged.report.revisions) {
    if (revision.verdict != Verdict::incomplete) continue;
    const auto cause =
        std::find_if(judged.findings.begin(), judged.findings.end(), [&](const Finding& finding) {
          return finding.severity == Severity::error && finding.revision == revision.commit;
        });
    warnings.push_back(printable(repo.repo.name()) + "@" + revision.commit +
                       " will be incomplete where it arrives: the patterns leave out files "
                       "that it needs" +
                       (cause == judged.findings.end() ? "" : ": " + printable(cause->message)));
  }
  return warnings;
}

}  // namespace hfaudit
