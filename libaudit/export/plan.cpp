#include "export/plan.hpp"

#include <algorithm>
#include <map>

#include "base/path.hpp"
#include "cache/link_target.hpp"

namespace hfaudit {
namespace {

class ExportPlanner {
 public:
  ExportPlanner(const RepoInventory& repo, const Evidence& evidence,
                const ExportSelection& selection)
      : repo_(repo), evidence_(evidence), selection_(selection) {}

  RepoExport plan() {
    for (std::size_t i = 0; i < repo_.revisions.size(); ++i) {
      if (selection_.commits.contains(repo_.revisions[i].commit)) add_revision(i);
    }
    add_blobs();
    add_trees();
    add_markers();
    add_refs();
    for (auto* phase : {&trees_, &links_, &contents_, &markers_, &refs_}) {
      std::sort(phase->begin(), phase->end(),
                [](const ExportMember& a, const ExportMember& b) { return a.path < b.path; });
      std::move(phase->begin(), phase->end(), std::back_inserter(plan_.members));
    }
    return std::move(plan_);
  }

 private:
  [[nodiscard]] std::string placed(std::string_view path) const {
    return repo_.folder + "/" + std::string(path);
  }
  void leave_out(const std::string& path, std::string_view why) {
    plan_.notes.push_back(placed(path) + " is left out: " + std::string(why));
  }
  void note_obstacle(const std::string& path, std::string_view why) {
    if (plan_.obstacle.empty()) plan_.obstacle = placed(path) + " " + std::string(why);
  }
  void add_revision(std::size_t number);
  void add_entry(const Revision& revision, const Entry& entry, const std::optional<Claim>& listed);
  [[nodiscard]] static ExportMember content_of(std::string path, const FileInfo& meta,
                                               std::string place, std::vector<Claim> claims);
  void add_content(ExportMember member);
  void add_blobs();
  void add_trees();
  void add_markers();
  void add_refs();
  // Markers and refs of a commit without a snapshot are of the repo as a whole.
  [[nodiscard]] bool takes_commit(const std::string& commit) const {
    return selection_.commits.contains(commit) ||
           (selection_.whole_repo && repo_.no_exist.contains(commit) && !has_snapshot(commit));
  }
  [[nodiscard]] bool has_snapshot(const std::string& commit) const {
    return std::any_of(
        repo_.revisions.begin(), repo_.revisions.end(),
        [&](const Revision& revision) { return revision.commit == commit && revision.exists; });
  }

  const RepoInventory& repo_;
  const Evidence& evidence_;
  const ExportSelection& selection_;
  RepoExport plan_;
  std::vector<ExportMember> trees_, links_, contents_, markers_, refs_;
  std::map<std::size_t, std::vector<Claim>> used_blobs_;   // with the claims of listings on each
  std::set<std::pair<std::string, std::string>> entries_;  // commit, path
};

void ExportPlanner::add_revision(std::size_t number) {
  const auto& revision = repo_.revisions[number];
  const auto* listing =
      number < evidence_.revisions.size() ? evidence_.revisions[number].listing() : nullptr;
  for (const auto& entry : revision.entries) {
    if (!selection_.filter.accepts(entry.path)) continue;
    const auto* file = listing == nullptr ? nullptr : listing->find(entry.path);
    if (file == nullptr && listing != nullptr && listing->whole) {
      leave_out("snapshots/" + revision.commit + "/" + entry.path, "the listing does not name it");
      continue;
    }
    add_entry(revision, entry,
              file == nullptr ? std::nullopt : claim_of(ClaimSource::tree, file->etag()));
  }
}

void ExportPlanner::add_entry(const Revision& revision, const Entry& entry,
                              const std::optional<Claim>& listed) {
  const auto path = "snapshots/" + revision.commit + "/" + entry.path;
  const bool escaping_blob =
      entry.blob >= 0 && repo_.blobs[static_cast<std::size_t>(entry.blob)].escapes;
  if (entry.kind == EntryKind::other) return leave_out(path, "it is not a regular file");
  if (entry.escapes || escaping_blob) return leave_out(path, "its target is outside the cache");
  if (entry.to_partial) return leave_out(path, "its target is a partial download");
  if (entry.exists && entry.blob < 0 && entry.kind == EntryKind::link) {
    // through another link, or to a blob that is newer than the walk of the blobs
    note_obstacle(path, "is a link, but not to one of the repo's blobs");
    return leave_out(path, "it is a link, but not to one of the repo's blobs");
  }
  if (entry.exists && entry.blob < 0) {
    add_content(content_of(placed(path), entry.meta, placed(path),
                           listed ? std::vector{*listed} : std::vector<Claim>{}));
  } else {
    std::string_view blob = blob_named_by(entry.target);
    if (entry.blob >= 0) blob = repo_.blobs[static_cast<std::size_t>(entry.blob)].name;
    if (blob.empty()) return leave_out(path, "its target is not a blob");
    links_.push_back({placed(path), MemberKind::link, link_to_blob(entry.path, blob), {}});
    if (entry.exists) {
      auto& claims = used_blobs_[static_cast<std::size_t>(entry.blob)];
      const bool known = listed && std::any_of(claims.begin(), claims.end(), [&](const Claim& c) {
                           return c.kind == listed->kind && c.hex == listed->hex;
                         });
      if (listed && !known) claims.push_back(*listed);
    }
  }
  entries_.emplace(revision.commit, entry.path);
  if (entry.exists)
    ++plan_.files;
  else
    note_obstacle(path, "leads to a blob that is not there");
}

ExportMember ExportPlanner::content_of(std::string path, const FileInfo& meta, std::string place,
                                       std::vector<Claim> claims) {
  ExportMember member;
  member.path = std::move(path);
  member.content.key = meta.key;
  member.content.size = meta.size;
  member.content.mtime_ns = meta.mtime_ns;
  member.content.place = std::move(place);
  member.content.claims = std::move(claims);
  return member;
}

void ExportPlanner::add_content(ExportMember member) {
  if (member.content.claims.empty()) ++plan_.unverifiable;
  contents_.push_back(std::move(member));
}

// A listing is stronger than the blob's name, which some writers take from other hashes.
void ExportPlanner::add_blobs() {
  for (auto& [number, claims] : used_blobs_) {
    const auto& blob = repo_.blobs[number];
    if (claims.empty()) {
      if (auto named = claim_of(ClaimSource::name, blob.name)) claims.push_back(std::move(*named));
    }
    const auto path = placed("blobs/" + blob.name);
    auto place = path;
    if (blob.shared) {  // blobs/<first two>/<64 hex> below the hub, as the walk has checked
      const std::string payload(last_component(blob.link));
      place = "blobs/" + payload.substr(0, 2) + "/" + payload;
    }
    add_content(content_of(path, *blob.content(), std::move(place), std::move(claims)));
  }
}

// Verbatim, also of a later format. A damaged one would only be in the way.
void ExportPlanner::add_trees() {
  constexpr std::string_view suffix = ".json";
  const bool closed =
      std::any_of(repo_.unread_listings.begin(), repo_.unread_listings.end(),
                  [&](const Unreadable& one) { return one.path == placed("trees"); });
  if (closed) leave_out("trees", "it cannot be read");
  for (const auto& tree : repo_.trees) {
    std::string commit(last_component(tree.path));
    commit.resize(commit.size() - std::min(commit.size(), suffix.size()));
    if (!selection_.commits.contains(commit)) continue;
    const auto& unread = repo_.unread_listings;
    const bool bad = tree.meta.type != FileType::regular ||
                     std::any_of(evidence_.bad_trees.begin(), evidence_.bad_trees.end(),
                                 [&](const auto& one) { return one.first == tree.path; }) ||
                     std::any_of(unread.begin(), unread.end(), [&](const Unreadable& one) {
                       return one.path == placed(tree.path);
                     });
    if (bad) {
      leave_out(tree.path, "it cannot be read as a listing");
      continue;
    }
    trees_.push_back(content_of(placed(tree.path), tree.meta, placed(tree.path), {}));
  }
}

// A marker beside the file itself would hide it from the clients.
void ExportPlanner::add_markers() {
  for (const auto& [commit, paths] : repo_.no_exist) {
    if (!takes_commit(commit)) continue;
    for (const auto& path : paths) {
      if (!selection_.filter.accepts(path) || entries_.contains({commit, path})) continue;
      markers_.push_back({placed(".no_exist/" + commit + "/" + path), MemberKind::text, {}, {}});
    }
  }
}

void ExportPlanner::add_refs() {
  for (const auto& ref : repo_.refs) {
    if (ref.temporary || ref.commit.empty()) continue;
    if (takes_commit(ref.commit))
      refs_.push_back({placed("refs/" + ref.name), MemberKind::text, ref.commit, {}});
  }
}

}  // namespace

RepoExport plan_export(const RepoInventory& repo, const Evidence& evidence,
                       const ExportSelection& selection) {
  return ExportPlanner(repo, evidence, selection).plan();
}

}  // namespace hfaudit
