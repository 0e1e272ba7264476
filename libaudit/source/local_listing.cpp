// The names of a local source, from its refs, cached listings, entries and records.
#include <algorithm>
#include <cerrno>

#include "audit/run.hpp"
#include "cache/content.hpp"
#include "digest/read_one.hpp"
#include "os/privilege.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "scan/walk.hpp"
#include "source/local_source.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] bool set_etag(TreeFile& file, std::string_view etag) {
  const auto claim = claim_of(ClaimSource::name, etag);
  if (!claim) return false;
  if (claim->kind == HashKind::sha256)
    file.lfs_sha256 = claim->hex;
  else
    file.blob_id = claim->hex;
  return true;
}

[[nodiscard]] std::optional<std::size_t> number_of(const RepoInventory& repo,
                                                   const std::string& asked) {
  const auto commit = resolve_revision(repo, asked);
  const auto& revisions = repo.revisions;
  const auto found =
      std::find_if(revisions.begin(), revisions.end(),
                   [&](const Revision& revision) { return commit && revision.commit == *commit; });
  if (found == revisions.end()) return std::nullopt;
  return static_cast<std::size_t>(found - revisions.begin());
}

// Unreadable files are an error rather than absent.
[[nodiscard]] tl::unexpected<Error> unreadable(const RepoInventory& inventory) {
  const auto& first = inventory.unreadable.front();
  return failure(first.operation, inventory.folder + "/" + first.path, first.cause, EIO);
}

[[nodiscard]] tl::unexpected<Error> absent(const RepoId& repo, std::string_view what) {
  return failure("find", repo.name(), what, ENOENT);
}

}  // namespace

Result<SourceListing> LocalSource::find_in_hub(const RepoId& repo,
                                               const std::optional<std::string>& revision) {
  const os::CacheUser user(os::effective_user(), 0);
  os::Processes processes([](std::string_view) { return false; });
  const WalkContext walk{root_, path_, user, processes, unix_time_ns()};
  const auto there = root_.stat_target(repo.folder());
  if (!there) return tl::unexpected<Error>(there.error());
  const auto inventory = list_repo(walk, repo, repo.folder());
  const auto number = number_of(inventory, revision.value_or("main"));
  if (!number && !inventory.unreadable.empty()) return unreadable(inventory);
  if (!number) return absent(repo, "no such revision there");
  const auto& one = inventory.revisions[*number];
  if (auto tree = read_cached_tree(repo, one.commit)) return SourceListing{one.commit, *tree};
  const auto snapshots = open_repo_folder(repo.folder(), "snapshots");
  if (!snapshots) return tl::unexpected<Error>(snapshots.error());
  SourceListing found{one.commit, {}};
  found.tree.whole = false;
  for (const auto& entry : one.entries) {
    const bool file_here =
        entry.exists && !entry.to_partial && !entry.escapes && entry.kind != EntryKind::other;
    if (!file_here) continue;
    TreeFile file;
    file.path = entry.path;
    file.size = entry.meta.size;
    const bool named = entry.blob >= 0 &&
                       set_etag(file, inventory.blobs[static_cast<std::size_t>(entry.blob)].name);
    if (!named) {  // a copy, or a blob with another kind of name
      auto content = open_entry(*snapshots, repo.folder(), one.commit, entry.path);
      if (!content || !may_use(*content)) continue;
      file.size = content->size();
      const auto read = read_one(std::move(content), {.size = file.size, .sha256 = true});
      if (!read || read->sha256.empty())
        return failure("read", entry.path, read ? read->cause : "interrupted", EIO);
      file.lfs_sha256 = read->sha256;
    }
    found.tree.files.push_back(std::move(file));
  }
  if (found.tree.files.empty()) return absent(repo, "no file of that revision there");
  return found;
}

// A malformed one is ignored, as clients ignore it.
std::optional<Tree> LocalSource::read_cached_tree(const RepoId& repo,
                                                  const std::string& commit) const {
  const auto trees = open_repo_folder(repo.folder(), "trees");
  if (!trees) return std::nullopt;
  const auto file = trees->open_file(commit + ".json");
  if (!file || !may_use(**file)) return std::nullopt;
  auto tree = read_tree(**file);
  return tree ? std::move(*tree) : std::nullopt;
}

Result<SourceListing> LocalSource::find_in_local_dir(const RepoId& repo,
                                                     const std::optional<std::string>& revision) {
  const os::CacheUser user(os::effective_user(), 0);
  os::Processes processes([](std::string_view) { return false; });
  const WalkContext walk{root_, path_, user, processes, unix_time_ns()};
  const auto seen = scan_local_dir(walk, repo);
  if (!seen.inventory.unreadable.empty()) return unreadable(seen.inventory);
  const auto& commit = seen.inventory.revisions.front().commit;
  if (!is_commit_hash(commit)) return absent(repo, "its records name no commit");
  // Such a folder records neither the repo nor a branch: the commit has to be named.
  if (!revision || *revision != commit)
    return absent(repo, "a --local-dir download has no record of its branch: name " + repo.name() +
                            "@" + commit);
  const auto& evidence = seen.evidence.revisions.front();
  if (evidence.tree) return SourceListing{commit, *evidence.tree};
  SourceListing found{commit, {}};
  found.tree.whole = false;
  for (const auto& record : evidence.recorded) {
    const auto content = open_file(record.file);
    TreeFile file;
    file.path = record.file;
    if (!content || !set_etag(file, record.metadata.etag)) continue;
    file.size = content->size();
    found.tree.files.push_back(std::move(file));
  }
  if (found.tree.files.empty()) return absent(repo, "no recorded file there");
  return found;
}

}  // namespace hfaudit
