// The names of a local source, from its refs, cached listings, entries and records.
#include <algorithm>
#include <cerrno>

#include "audit/run.hpp"
#include "cache/content.hpp"
#include "digest/content_hash.hpp"
#include "os/processes.hpp"
#include "os/write_fs.hpp"
#include "scan/walk.hpp"
#include "source/local_source.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

[[nodiscard]] Result<std::string> sha256_of(os::File& file) {
  auto hash = ContentHash::begin(HashKind::sha256, file.size());
  if (!hash) return tl::unexpected<Error>(hash.error());
  std::string piece(piece_bytes, '\0');
  for (std::uint64_t at = 0; at < file.size();) {
    const auto got = file.read_at(at, piece);
    if (!got) return tl::unexpected<Error>(got.error());
    if (*got == 0) return failure("read", file.name(), "it got shorter");
    hash->update(std::span(piece.data(), *got));
    at += *got;
  }
  return hash->finish();
}

[[nodiscard]] bool set_etag(TreeFile& file, std::string_view etag) {
  const auto claim = claim_of(ClaimSource::name, etag);
  if (!claim) return false;
  (claim->kind == HashKind::sha256 ? file.lfs_sha256 : file.blob_id) = claim->hex;
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

// Unreadable files are not absent.
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
  const WalkContext walk{root_, path_, user, processes, wall_clock_ns()};
  const auto there = root_.stat_target(repo.folder());
  if (!there) return tl::unexpected<Error>(there.error());
  const auto inventory = list_repo(walk, repo, repo.folder());
  const auto number = number_of(inventory, revision.value_or("main"));
  if (!number && !inventory.unreadable.empty()) return unreadable(inventory);
  if (!number) return absent(repo, "no such revision there");
  const auto& one = inventory.revisions[*number];
  SourceListing found{one.commit, {}};
  found.tree.whole = false;
  if (const auto listed = open_file(repo.folder() + "/trees/" + one.commit + ".json")) {
    auto tree = read_tree(*listed);
    if (tree && *tree) return SourceListing{one.commit, std::move(**tree)};
  }
  for (const auto& entry : one.entries) {
    if (entry.to_partial || entry.escapes || entry.kind == EntryKind::other) continue;
    TreeFile file;
    file.path = entry.path;
    file.size = entry.meta.size;
    const bool named = entry.blob >= 0 &&
                       set_etag(file, inventory.blobs[static_cast<std::size_t>(entry.blob)].name);
    if (!entry.exists) continue;
    if (!named) {  // a copy, or a blob with another kind of name
      auto copies = open_entries(repo.folder(), one.commit, entry.path);
      if (copies.empty() || !copies.front() || !may_use(*copies.front())) continue;
      file.size = copies.front()->size();
      auto hash = sha256_of(*copies.front());
      if (!hash) return tl::unexpected<Error>(hash.error());
      file.lfs_sha256 = std::move(*hash);
    }
    found.tree.files.push_back(std::move(file));
  }
  if (found.tree.files.empty()) return absent(repo, "no file of that revision there");
  return found;
}

Result<SourceListing> LocalSource::find_in_local_dir(const RepoId& repo,
                                                     const std::optional<std::string>& revision) {
  const os::CacheUser user(os::effective_user(), 0);
  os::Processes processes([](std::string_view) { return false; });
  const WalkContext walk{root_, path_, user, processes, wall_clock_ns()};
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
