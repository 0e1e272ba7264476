// The audit of a --local-dir download: one repo, whose files are the snapshot.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <thread>

#include "audit/hub_listings.hpp"
#include "audit/run.hpp"
#include "base/checksum.hpp"
#include "cache/blob_name.hpp"
#include "cache/fingerprint.hpp"
#include "hfaudit/layout.hpp"
#include "listings/listings.hpp"
#include "listings/locked.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "os/users.hpp"
#include "rules/check_home.hpp"
#include "scan/gather.hpp"
#include "scan/git_clone.hpp"
#include "scan/liveness.hpp"
#include "scan/walk.hpp"
#include "scan/walk_local.hpp"

namespace hfaudit {
namespace {

// As for a repo in the cache: a folder that changes between two scans is being downloaded.
ScannedRepo rescan_if_recent(const WalkContext& walk, const RepoId& repo, CheckContext& checks) {
  auto seen = scan_local_dir(walk, repo);
  checks.asked_revision = seen.inventory.revisions.front().commit;
  if (!seen.inventory.unreadable.empty()) return seen;
  const bool calm = !changed_just_now(seen.inventory, unix_time_ns());
  if (calm || judge(seen.inventory, seen.evidence, checks).report.verdict == Verdict::complete)
    return seen;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  auto after = scan_local_dir(walk, repo);
  // a scan that failed in part is useless for the comparison
  const bool whole = seen.inventory.unreadable.empty() && after.inventory.unreadable.empty();
  checks.moving = whole && fingerprint(after.inventory) != fingerprint(seen.inventory);
  checks.asked_revision = after.inventory.revisions.front().commit;
  return after;
}

// The folder has one commit; to ask for another one is an error, a branch's name cannot be checked.
bool is_another_commit(const std::string& asked, const std::string& commit) {
  constexpr std::size_t fewest_digits = 7;  // git's own abbreviation
  const bool hash = asked.size() >= fewest_digits && is_hex(asked);
  return hash && !commit.empty() && !commit.starts_with(asked);
}

// Files that name others, or a number that counts its siblings, tell what belongs to a folder.
bool names_its_files(const ScannedRepo& seen) {
  const auto& named = seen.evidence.revisions.front().named;
  const auto& entries = seen.inventory.revisions.front().entries;
  return std::any_of(named.begin(), named.end(),
                     [](const Named& one) {
                       return one.kind == NamedKind::required || one.kind == NamedKind::part;
                     }) ||
         std::any_of(entries.begin(), entries.end(),
                     [](const Entry& entry) { return parse_shard_name(entry.path).has_value(); });
}

// Whether a listing, a record, an index or a header describes the folder.
bool is_described(const ScannedRepo& seen) {
  const auto& evidence = seen.evidence.revisions.front();
  const auto has_header = [](const auto& structure) {
    return structure.second->state != StructureState::cannot_tell ||
           structure.second->expected_size.has_value();
  };
  return evidence.listing() != nullptr || !evidence.recorded.empty() || !evidence.indices.empty() ||
         !evidence.components.empty() || !evidence.unusable.empty() ||
         !seen.inventory.partials.empty() || names_its_files(seen) ||
         std::any_of(evidence.structures.begin(), evidence.structures.end(), has_header);
}

// Other evidence judges the folder.
void note_unread_clone(const Error& error, RepoInventory& inventory) {
  inventory.unread_listings.push_back({".git", error.operation, error.cause});
}

// The records of a download into the clone are newer than the clone.
void name_commit(const GitClone& clone, RepoInventory& inventory) {
  auto& revision = inventory.revisions.front();
  if (revision.commit.empty()) revision.commit = clone.commit;
  if (revision.commit != clone.commit || clone.branch.empty()) return;
  Ref ref;
  ref.name = clone.branch;
  ref.commit = clone.commit;
  inventory.refs.push_back(std::move(ref));
}

void add_clone(GitClone clone, const RepoInventory& inventory, RevisionEvidence& into) {
  if (inventory.revisions.front().commit != clone.commit || into.tree) return;
  into.tree = std::move(clone.tree);
  into.of_git = true;
  into.checked_out = std::move(clone.wanted);
}

class LocalAudit final : public AuditRun {
 public:
  LocalAudit(const AuditRequest& request, std::string path, AuditPurpose purpose,
             os::Directory root, os::CacheUser user, std::unique_ptr<HubListings> online)
      : request_(request),
        path_(std::move(path)),
        root_(std::move(root)),
        user_(std::move(user)),
        online_(std::move(online)) {
    const auto folder = root_.stat_self();
    checks_.reads_only = folder && !request.owner && user_.uid() != 0 &&
                         folder->uid != user_.uid() && !user_.access(*folder, path_).write;
    checks_.user_id = user_.uid();
    checks_.user_name = user_.name();
    checks_.now_ns = unix_time_ns();
    checks_.stalled_after_ns = static_cast<std::int64_t>(request.stalled_after_s) * 1'000'000'000;
    checks_.filter = {request.include, request.exclude};
    checks_.local_dir = true;
    checks_.verifying = purpose == AuditPurpose::verify;
    repos_.resize(1);
  }

  Result<void> inspect() override { return inspect_at(nullptr); }
  void rescan(std::size_t, const ContentReads& reads) override {
    [[maybe_unused]] const auto scanned = inspect_at(&reads);  // fails only at the first scan
  }
  Report finish() override;
  [[nodiscard]] std::string path_of(std::size_t, const Content& content) const override {
    return content.place;
  }
  [[nodiscard]] Result<os::Directory> ledger_folder(std::size_t) const override {
    return root_.open_directory(".cache/huggingface");
  }
  [[nodiscard]] std::string ledger_name(std::size_t) const override {
    return "local-dir--" + std::to_string(crc32c(path_));
  }
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t,
                                                       const Content& content) const override {
    return open_content(root_, content);
  }

 private:
  [[nodiscard]] Result<void> inspect_at(const ContentReads* reads);
  void refuse_verdict(RepoOutcome& outcome) const;
  // The folder is compared with the locked commit, also if it was downloaded at another one.
  [[nodiscard]] const LockedRepo* locked_repo() const {
    if (!request_.locked || request_.repos.empty() || !request_.repos.front().revision)
      return nullptr;
    return find_locked(*request_.locked, request_.repos.front().repo,
                       *request_.repos.front().revision);
  }

  const AuditRequest& request_;
  std::string path_;
  os::Directory root_;
  os::CacheUser user_;
  os::Processes processes_{may_be_local_partial};
  std::unique_ptr<HubListings> online_;  // null: offline
  CheckContext checks_;
};

Result<void> LocalAudit::inspect_at(const ContentReads* reads) {
  const WalkContext walk{root_, path_, user_, processes_, checks_.now_ns};
  auto checks = checks_;
  checks.reads = reads;
  const auto repo = request_.repos.empty() ? RepoId{} : request_.repos.front().repo;
  auto seen = reads == nullptr ? rescan_if_recent(walk, repo, checks) : scan_local_dir(walk, repo);
  checks_.moving = checks.moving;
  const auto& commit = seen.inventory.revisions.front().commit;
  checks.asked_revision = commit;
  const auto asked = request_.repos.empty() ? std::nullopt : request_.repos.front().revision;
  const auto* locked = locked_repo();
  if (locked != nullptr) {
    auto& known = seen.evidence.revisions.front();
    known.locked = tree_of(*locked);
    known.locked_revision = locked->revision;
  } else if (reads == nullptr && asked && is_another_commit(*asked, commit)) {
    return failure("find", *asked, "this folder holds commit " + commit, ENOENT);
  }
  if (online_) online_->add_to(seen.evidence, seen.inventory, commit);
  RepoOutcome outcome;
  auto& judgement = outcome.judgement;
  judgement = judge(seen.inventory, seen.evidence, checks);
  judgement.report.path = path_;
  for (auto& finding : judgement.findings)
    finding.path = finding.path.empty() ? path_ : path_ + "/" + finding.path;
  for (const auto* unreadable : std::initializer_list<const std::vector<Unreadable>*>{
           &seen.inventory.unreadable, &judgement.unread}) {
    for (const auto& place : *unreadable)
      outcome.unreadable.push_back({path_ + "/" + place.path, place.operation, place.cause});
  }
  for (const auto& place : judgement.noted)
    outcome.noted.push_back({path_ + "/" + place.path, place.operation, place.cause});
  if (locked == nullptr && !is_described(seen)) refuse_verdict(outcome);
  repos_.front() = std::move(outcome);
  return {};
}

// A folder without any description may be anything: its files alone are no evidence.
void LocalAudit::refuse_verdict(RepoOutcome& outcome) const {
  auto& report = outcome.judgement.report;
  if (report.verdict == Verdict::incomplete || report.verdict == Verdict::corrupt ||
      report.verdict == Verdict::in_progress)
    return;
  report.verdict = Verdict::unknown;
  for (auto& revision : report.revisions)
    revision.verdict = Verdict::unknown;
  if (outcome.unreadable.empty())
    outcome.unreadable.push_back({path_, "judge",
                                  "nothing here lists the files that it should have: no listing, "
                                  "no record of a download, no "
                                  "index, no file with a header"});
}

Report LocalAudit::finish() {
  Report report;
  auto& [judgement, unreadable, noted, payloads] = repos_.front();
  report.scanned.push_back({"local-dir", path_, "--local-dir", true});
  report.findings = std::move(judgement.findings);
  report.unreadable = std::move(unreadable);
  report.noted = std::move(noted);
  report.bytes_present = judgement.bytes_present;
  report.bytes_missing = judgement.bytes_missing;
  report.bytes_reclaimable = judgement.bytes_reclaimable;
  report.repos.push_back(std::move(judgement.report));
  if (online_) {
    for (auto& asked : online_->take_unreadable()) {
      if (asked.refused) asked.path = path_;
      report.unreadable.push_back(std::move(asked));
    }
  }
  if (auto low = check_space(report.bytes_missing, root_.free_bytes(), path_))
    report.findings.push_back(*low);
  return report;
}

}  // namespace

std::string absolute_path(std::string path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path.starts_with('/') ? path : system_environment().working_directory + "/" + path;
}

ScannedRepo scan_local_dir(const WalkContext& walk, const RepoId& repo) {
  const auto folder = walk.hub.open_directory(".");  // a descriptor lists its folder only once
  auto [inventory, recorded] =
      walk_local_dir(folder ? *folder : walk.hub, walk.user, walk.hub_path);
  inventory.repo = repo;
  auto clone = read_git_clone(walk.hub, walk.hub_path);
  if (!clone) note_unread_clone(clone.error(), inventory);
  if (clone && *clone) name_commit(**clone, inventory);
  auto evidence = gather_evidence(walk.hub, inventory, EntryFolder::itself);
  evidence.revisions.front().recorded = std::move(recorded);
  if (clone && *clone) add_clone(std::move(**clone), inventory, evidence.revisions.front());
  settle_partials(inventory, evidence);
  judge_liveness(walk, inventory);
  return {std::move(inventory), std::move(evidence)};
}

Result<std::unique_ptr<AuditRun>> begin_local_audit(const Layout& layout,
                                                    const AuditRequest& request,
                                                    AuditPurpose purpose,
                                                    const std::stop_token& stop) {
  auto path = absolute_path(*request.local_dir);
  auto root = os::Directory::open_root(path);
  if (!root) {
    return failure("open", path, root.error().code == ENOTDIR ? "not a folder" : root.error().cause,
                   root.error().code);
  }
  auto user = find_cache_user(layout, request);
  if (!user) return tl::unexpected(user.error());
  if (request.online && request.repos.empty()) {
    return failure("use", "--online", "the folder has no record of its REPO: name it");
  }
  Result<std::unique_ptr<HubListings>> online;
  if (request.online) online = HubListings::open(layout, listing_cache_for(purpose), stop);
  if (!online) return tl::unexpected(online.error());
  return std::make_unique<LocalAudit>(request, std::move(path), purpose, std::move(*root),
                                      std::move(*user), std::move(*online));
}

}  // namespace hfaudit
