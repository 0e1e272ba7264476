#include "rules/judge.hpp"

#include <algorithm>
#include <set>

#include "base/sum.hpp"
#include "rules/claims.hpp"
#include "rules/finding_facts.hpp"
#include "rules/rules.hpp"
#include "rules/whole_revision.hpp"

namespace hfaudit {
namespace {

Verdict verdict_of(const RevisionState& state, const PathFilter& filter) {
  if (state.corrupt) return Verdict::corrupt;
  if (state.incomplete) return state.live ? Verdict::in_progress : Verdict::incomplete;
  if (state.unread) return Verdict::unknown;
  const auto& entries = state.revision->entries;
  const bool any = std::any_of(entries.begin(), entries.end(),
                               [&](const Entry& e) { return filter.accepts(e.path); });
  if (!any) return Verdict::unknown;
  if (state.undecided) return Verdict::unknown;
  if (state.empty_by_choice || state.without_weights || !state.unwanted.empty())
    return Verdict::subset;
  return Verdict::complete;
}

RevisionReport report_of(RevisionState& state, const PathFilter& filter) {
  RevisionReport report;
  report.commit = state.revision->commit;
  report.refs = state.refs;
  report.detached = state.detached;
  report.verdict = verdict_of(state, filter);
  report.basis = state.manifest.basis;
  for (const auto& entry : state.revision->entries) {
    if (!entry.exists || entry.to_partial || entry.escapes || !filter.accepts(entry.path)) continue;
    ++report.files.present;
    add_size(report.bytes.present, entry.meta.size);
  }
  if (state.manifest.exhaustive) {
    std::uint64_t files = 0, bytes = 0;
    for (const auto& file : state.manifest.files) {
      if (!filter.accepts(file.path)) continue;
      ++files;
      add_size(bytes, file.size.value_or(0));
    }
    report.files.expected = files;
    report.bytes.expected = bytes;
  } else {
    const auto wanted = static_cast<std::uint64_t>(state.missing.size());
    report.files.expected = report.files.present + wanted;
    if (wanted == 0 && !state.corrupt && !state.incomplete && !state.live)
      report.bytes.expected = report.bytes.present;
  }
  report.without_weights = state.without_weights;
  report.weights_at = state.weights_at;
  report.missing = std::move(state.missing);
  std::sort(report.missing.begin(), report.missing.end());
  report.missing.erase(std::unique(report.missing.begin(), report.missing.end()),
                       report.missing.end());
  return report;
}

// The worst revision that a ref names; without refs the newest.
const RevisionReport* deciding(const RepoCheck& c, const std::vector<RevisionReport>& reports) {
  const RevisionReport* worst = nullptr;
  // A ref whose commit lacks files: clients write one when they ask for an optional file. Beside a
  // ref that has files it is ignored.
  const auto is_probe = [&](const RevisionReport& report) {
    return report.verdict == Verdict::unknown && report.files.present == 0 &&
           report.commit != c.context.asked_revision;
  };
  const bool any_files =
      std::any_of(reports.begin(), reports.end(),
                  [&](const RevisionReport& report) { return report.files.present != 0; });
  for (const auto& report : reports) {
    if (report.refs.empty() && report.commit != c.context.asked_revision) continue;
    if (any_files && is_probe(report)) continue;
    if (worst == nullptr || worst->verdict < report.verdict) worst = &report;
  }
  if (worst != nullptr) return worst;
  std::size_t newest = 0;
  for (std::size_t i = 1; i < reports.size(); ++i) {
    const auto& a = *c.states[i].revision;
    const auto& b = *c.states[newest].revision;
    if (std::pair(a.born_ns, a.meta.mtime_ns) > std::pair(b.born_ns, b.meta.mtime_ns)) newest = i;
  }
  return reports.empty() ? nullptr : &reports[newest];
}

// Refs and snapshots are absent: the evidence is partials alone, or empty.
Verdict without_revisions(const std::vector<Finding>& findings) {
  const auto raised = [&](FindingId id) {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& f) { return f.id == id; });
  };
  if (raised(FindingId::download_in_progress) || raised(FindingId::stalled_download))
    return Verdict::in_progress;
  return raised(FindingId::incomplete_download) || raised(FindingId::lost_link)
             ? Verdict::incomplete
             : Verdict::unknown;
}

// Each file once, however many names it has.
std::uint64_t bytes_on_disk(const RepoInventory& repo) {
  std::vector<std::pair<FileKey, std::uint64_t>> files;
  for (const auto& blob : repo.blobs) {
    const auto* content = blob.content();
    if (content != nullptr && !blob.escapes) files.emplace_back(content->key, content->size);
  }
  for (const auto& revision : repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (entry.kind == EntryKind::copy && entry.exists)
        files.emplace_back(entry.meta.key, entry.meta.size);
    }
  }
  std::sort(files.begin(), files.end());
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i == 0 || files[i].first != files[i - 1].first) add_size(bytes, files[i].second);
  }
  return bytes;
}

// Of the bytes that the entries lack: those that are here under another name, or that several
// entries lack together. A client downloads each content once.
std::uint64_t bytes_not_needed(const RepoCheck& c, const std::string& commit) {
  std::uint64_t bytes = 0;
  for (const auto& state : c.states) {
    if (state.revision->commit != commit) continue;
    std::vector<const ExpectedFile*> lacking;
    for (const auto& file : state.manifest.files) {
      if (file.etag.empty() || !file.size || !c.context.filter.accepts(file.path)) continue;
      const auto* entry = state.revision->find_entry(file.path);
      if (entry != nullptr && entry->exists && !entry->to_partial && !entry->escapes) continue;
      if (c.has_content(state, file.etag))
        add_size(bytes, *file.size);
      else
        lacking.push_back(&file);
    }
    std::sort(lacking.begin(), lacking.end(), [](const ExpectedFile* a, const ExpectedFile* b) {
      return a->etag != b->etag ? a->etag < b->etag : a < b;
    });
    for (std::size_t i = 1; i < lacking.size(); ++i) {
      if (lacking[i]->etag == lacking[i - 1]->etag) add_size(bytes, *lacking[i]->size);
    }
  }
  return bytes;
}

void forget_other_revisions(RepoCheck& c, Judgement& judgement) {
  const auto& asked = c.context.asked_revision;
  if (asked.empty()) return;
  std::erase_if(judgement.report.revisions,
                [&](const RevisionReport& r) { return r.commit != asked; });
  std::erase_if(judgement.findings, [&](const Finding& f) {
    // of another ref than the requested one
    if (f.revision.empty()) return f.id == FindingId::ref_malformed;
    return f.revision != asked;
  });
}

// A private listing of another user is harmless if other evidence gives a verdict; otherwise it
// counts as unreadable.
void sort_unread_listings(const RepoInventory& repo, Judgement& judgement) {
  const auto& revisions = judgement.report.revisions;
  for (const auto& listing : repo.unread_listings) {
    const bool needed =
        std::any_of(revisions.begin(), revisions.end(), [&](const RevisionReport& revision) {
          return revision.verdict == Verdict::unknown &&
                 listing.path.find(revision.commit) != std::string::npos;
        });
    (needed ? judgement.unread : judgement.noted).push_back(listing);
  }
}

}  // namespace

Judgement judge(const RepoInventory& repo, const Evidence& evidence, const CheckContext& context) {
  RepoCheck c(repo, evidence, context);
  check_unreachable_repo(c);
  check_ref_malformed(c);
  check_ref_moved(c);
  check_unlocked_files(c);
  check_detached_revision(c);
  check_stale_no_exist(c);
  check_partials(c);
  check_entries(c);
  check_content(c);
  check_files(c);
  check_lost_repo(c);
  check_named(c);
  check_digests(c);
  check_locks(c);
  check_orphan_blob(c);
  check_temp_debris(c);
  check_unrecognized_entry(c);
  check_tree_malformed(c);
  check_access(c);
  check_empty_repo(c);

  Judgement judgement;
  auto& report = judgement.report;
  report.repo = repo.repo;
  report.path = repo.folder;
  for (auto& state : c.states)
    report.revisions.push_back(report_of(state, context.filter));
  if (!context.local_dir) name_whole_revision(c, report.revisions);
  if (context.verifying) judgement.contents = contents_of(c);
  judgement.unread = std::move(c.unread);
  judgement.findings = std::move(c.findings);
  forget_other_revisions(c, judgement);
  if (const auto* decider = deciding(c, report.revisions)) {
    report.verdict = decider->verdict;
    report.basis = decider->basis;
    report.bytes = decider->bytes;
    const auto expected = decider->bytes.expected.value_or(0);
    const bool lacking =
        decider->verdict >= Verdict::incomplete || decider->verdict == Verdict::in_progress;
    if (lacking && expected > decider->bytes.present)
      judgement.bytes_missing = expected - decider->bytes.present;
    judgement.bytes_missing -=
        std::min(judgement.bytes_missing, bytes_not_needed(c, decider->commit));
  }
  if (c.states.empty()) report.verdict = without_revisions(judgement.findings);
  if (!repo.unreadable.empty() && report.verdict < Verdict::incomplete)
    report.verdict = Verdict::unknown;
  if (!repo.dead_links.empty()) report.verdict = Verdict::unknown;
  sort_unread_listings(repo, judgement);
  judgement.bytes_present = bytes_on_disk(repo);
  for (const auto& finding : judgement.findings) {
    if (is_reclaimable(finding)) add_size(judgement.bytes_reclaimable, finding.bytes);
  }
  return judgement;
}

}  // namespace hfaudit
