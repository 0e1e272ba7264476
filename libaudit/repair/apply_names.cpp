// Refs, entries, and the folders of snapshots.
#include <vector>

#include "hfaudit/identity.hpp"
#include "listings/listings.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"
#include "repair/apply.hpp"
#include "repair/quarantine.hpp"
#include "store/cache_repo_store.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

constexpr unsigned deepest = 48;

Result<std::vector<std::pair<std::string, FileType>>> entries_of(const os::Directory& folder) {
  std::vector<std::pair<std::string, FileType>> names;
  const auto again = folder.open_directory(".");  // a Directory is listed once
  if (!again) return tl::unexpected(again.error());
  auto listed = again->list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) return tl::unexpected(listed.error());
  return names;
}

// Removes the folder if it is empty, or, with `files`, holds only links and regular files. Entries
// removed before another one turned up stay removed.
Result<void> remove_folder(const os::Directory& parent, const std::string& name, bool files,
                           unsigned depth) {
  const auto folder = parent.open_directory(name);
  if (!folder) return tl::unexpected(folder.error());
  const auto entries = entries_of(*folder);
  if (!entries) return tl::unexpected(entries.error());
  for (const auto& [inner, type] : *entries) {
    Result<void> gone;
    if (type == FileType::directory && depth < deepest) {
      gone = remove_folder(*folder, inner, files, depth + 1);
    } else if (files && (type == FileType::symlink || type == FileType::regular)) {
      gone = os::remove(*folder, inner);
    }  // else rmdir(2) reports the rest
    if (!gone && !os::is_absent(gone.error())) return gone;
  }
  return os::remove_empty_folder(parent, name);
}

bool any_ref_names(const os::Directory& refs, const std::string& commit, unsigned depth) {
  const auto entries = entries_of(refs);
  if (!entries) return true;
  for (const auto& [name, type] : *entries) {
    if (type == FileType::directory) {
      const auto inner = refs.open_directory(name);
      if (!inner || depth >= deepest || any_ref_names(*inner, commit, depth + 1)) return true;
      continue;
    }
    const auto text = refs.read_small(name, 128);
    if (!text || parse_ref(*text).commit == commit) return true;  // an unreadable ref may name it
  }
  return false;
}

}  // namespace

ActionResult Applier::relink(const Action& action) {
  const auto& commit = action.plan.revision;
  if (!action.plan.repo || action.files.empty()) return skipped("no evidence of which file it is");
  CacheRepoStore resolver(resolver_.layout().hub_cache.path, *action.plan.repo, commit,
                          {symlinks_, false});
  if (auto opened = resolver.open(Folders::existing); !opened) return failed(opened.error());
  const auto content = resolver.blob(action.blob);
  if (!content) return failed(content.error());
  if (!*content) return skipped("its blob was removed meanwhile");
  TreeFile file;
  file.path = action.files.front();
  file.size = (*content)->size;
  file.lfs_sha256 = action.blob;  // the blob's name, whatever hash it is
  const auto placed = resolver.place_entry(file, CacheRepoStore::Blob::found);
  return placed ? done() : failed(placed.error());
}

// The old text is kept, unless it is the commit with a newline at its end.
ActionResult Applier::set_ref(const Action& action, const OpenLocation& location) {
  const auto text = location.folder.read_small(location.name, 128);
  if (!text) return failed(text.error());
  const bool worth_keeping = !text->empty() && parse_ref(*text).commit != action.commit;
  if (worth_keeping) {
    const auto kept = keep_in_quarantine(resolver_, action.plan.path, location, action.plan.reason,
                                         precise_unix_time_s());
    if (!kept) return failed(kept.error());
  }
  const auto put = put_text(location.folder, location.name, action.commit);
  return put ? done() : failed(put.error());
}

ActionResult Applier::prune(const Action& action, const OpenLocation& location) {
  const bool files = action.plan.group == RepairGroup::orphans;
  if (files) {
    const auto repo = resolver_.open_repo(resolver_.repo_folder_of(action.plan.path));
    if (!repo) return failed(repo.error());
    const auto refs = repo->open_directory("refs");
    const bool named = refs ? any_ref_names(*refs, location.name, 0) : !os::is_absent(refs.error());
    if (named) return skipped("a ref names it now");
  }
  const auto removed = remove_folder(location.folder, location.name, files, 0);
  return removed ? done() : failed(removed.error());
}

}  // namespace hfaudit
