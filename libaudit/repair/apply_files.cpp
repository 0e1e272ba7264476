// Partials, temporary files, markers, unused blobs: removed where that is proven to be harmless,
// else moved aside.
#include <algorithm>
#include <array>
#include <cerrno>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "os/privilege.hpp"
#include "os/unix_time.hpp"
#include "os/users.hpp"
#include "os/write_fs.hpp"
#include "repair/apply.hpp"
#include "repair/quarantine.hpp"
#include "scan/walk.hpp"
#include "store/adopt.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view in_use = "a process may have it open";

// A client's notes beside a partial, and early pieces, are useless without it.
void remove_notes(const OpenLocation& location) {
  if (location.name.ends_with(".chunked.part"))
    (void)os::remove(location.folder, location.name + ".state");
  if (is_own_partial_name(location.name))
    (void)os::remove(location.folder, pieces_name(location.name));
}

// `tmpXXXXXXXX/dummy_file_{src,dst}`: huggingface_hub has tried whether there are links.
Result<void> remove_link_probe(const os::Directory& parent, const std::string& name) {
  const auto folder = parent.open_directory(name);
  if (!folder) return tl::unexpected(folder.error());
  for (const auto* file : {"dummy_file_src", "dummy_file_dst"})
    (void)os::remove(*folder, file);
  return os::remove_empty_folder(parent, name);
}

// `<hash>.incomplete/`: the datasets library was building in it. Removes only plain files and links
// that are closed; other entries stay, and so does the folder.
Result<std::uint64_t> remove_build_folder(const os::Directory& parent, const std::string& name,
                                          os::Processes& processes, unsigned depth = 0) {
  constexpr unsigned deepest = 4;
  auto folder = parent.open_directory(name);
  if (!folder) return tl::unexpected(folder.error());
  if (depth == deepest) return failure("remove", name, "its folders nest too deep");
  std::vector<std::string> names;  // an entry's name lives only as long as the call
  if (auto listed =
          folder->list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
      !listed)
    return tl::unexpected(listed.error());
  OpenLocation location{std::move(*folder), {}};
  std::uint64_t freed = 0;
  for (const auto& file : names) {
    location.name = file;
    const auto meta = location.folder.stat(location.name);
    if (!meta) return tl::unexpected(meta.error());
    if (meta->type == FileType::directory) {
      const auto inner = remove_build_folder(location.folder, location.name, processes, depth + 1);
      if (!inner) return inner;
      freed += *inner;
      continue;
    }
    if (meta->type != FileType::regular && meta->type != FileType::symlink)
      return failure("remove", location.name, "it is not a regular file");
    if (meta->type == FileType::regular && !is_unused(location, *meta, processes))
      return failure("remove", location.name, std::string(in_use));
    if (auto removed = os::remove(location.folder, location.name); !removed)
      return tl::unexpected(removed.error());
    freed += meta->type == FileType::regular ? bytes_freed_by_removal(*meta) : 0;
  }
  if (auto removed = os::remove_empty_folder(parent, name); !removed)
    return tl::unexpected(removed.error());
  return freed;
}

}  // namespace

// Its blob is there. Only if that matches its name, the partial is useless; else it may be the only
// copy.
ActionResult Applier::remove_partial(const Action& action, const OpenLocation& location) {
  const auto proof = proofs_.of(location.folder, action.blob);
  if (proof == Proof::wrong) {
    return skipped(
        "the complete blob is corrupt, so the partial file is kept; repair the blob first: hfaudit "
        "repair --verify");
  }
  if (proof == Proof::unknown) return quarantine(action, location);
  const auto lock = lock_blob(action, action.blob);
  if (!lock) return lock.error().code == EBUSY ? skipped(lock.error().cause) : failed(lock.error());
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  if (!is_unused(location, *meta, processes_)) return skipped(std::string(in_use));
  const auto removed = os::remove(location.folder, location.name);
  if (!removed) return failed(removed.error());
  remove_notes(location);
  return done(bytes_freed_by_removal(*meta));
}

ActionResult Applier::remove_debris(const Action& action, const OpenLocation& location) {
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  if (meta->type == FileType::directory && location.name.ends_with(".incomplete")) {
    const auto freed = remove_build_folder(location.folder, location.name, processes_);
    return freed ? done(*freed) : failed(freed.error());
  }
  if (meta->type == FileType::directory) {
    const auto removed = remove_link_probe(location.folder, location.name);
    return removed ? done() : failed(removed.error());
  }
  // Evidence is the remainder of the earlier content, until the right one is here; for good unless
  // that is a blob.
  if (!action.blob.empty()) {
    const auto proof = proofs_.of(location.folder, action.blob);
    if (proof == Proof::wrong) return skipped("it is kept until the right content is here");
    if (proof == Proof::unknown) return quarantine(action, location);
  }
  if (meta->type == FileType::regular && !is_unused(location, *meta, processes_))
    return skipped(std::string(in_use));
  const auto removed = os::remove(location.folder, location.name);
  return removed ? done(bytes_freed_by_removal(*meta)) : failed(removed.error());
}

// Requested by name. Refused if a snapshot has come to use it since.
ActionResult Applier::remove_orphan(const Action& action, const OpenLocation& location) {
  const auto folder = resolver_.repo_folder_of(action.plan.path);
  const auto repo = parse_repo_folder(folder);
  if (!repo) return remove_payload(action, location);
  const auto lock = lock_blob(action, location.name);
  if (!lock) return lock.error().code == EBUSY ? skipped(lock.error().cause) : failed(lock.error());
  const auto hub = resolver_.open_hub();
  if (!hub) return failed(hub.error());
  const os::CacheUser self(os::effective_user(), 0);
  const WalkContext walk{*hub, resolver_.layout().hub_cache.path, self, processes_, 0};
  const auto seen = scan_repo(walk, *repo, folder);
  const auto leads_here = [&](const Entry& entry) {
    const auto name = entry.blob < 0
                          ? last_component(entry.target)
                          : seen.inventory.blobs[static_cast<std::size_t>(entry.blob)].name;
    return name == location.name;
  };
  for (const auto& revision : seen.inventory.revisions) {
    if (std::any_of(revision.entries.begin(), revision.entries.end(), leads_here))
      return skipped("a snapshot uses it now");
  }
  if (seen.inventory.unreadable_folder || !seen.inventory.unreadable.empty())
    return skipped("not all of the repo can be read");
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  const auto removed = os::remove(location.folder, location.name);
  if (!removed) return failed(removed.error());
  return done(meta->type == FileType::regular ? bytes_freed_by_removal(*meta) : 0);
}

ActionResult Applier::remove(const Action& action, const OpenLocation& location) {
  switch (action.plan.group) {
    case RepairGroup::locks:
      return remove_lock(action, location);
    case RepairGroup::orphans:
      return remove_orphan(action, location);
    case RepairGroup::refs: {  // a marker of a file that is here
      const auto meta = location.folder.stat(location.name);
      if (!meta) return failed(meta.error());
      if (meta->type != FileType::regular || meta->size != 0)
        return skipped("it is not a marker: it has content");
      const auto removed = os::remove(location.folder, location.name);
      return removed ? done() : failed(removed.error());
    }
    case RepairGroup::ownership:
    case RepairGroup::partials:
    case RepairGroup::entries:
    case RepairGroup::content:
      break;
  }
  return action.plan.finding == FindingId::temp_debris ? remove_debris(action, location)
                                                       : remove_partial(action, location);
}

ActionResult Applier::quarantine(const Action& action, const OpenLocation& location) {
  if (action.plan.group == RepairGroup::content &&
      resolver_.repo_folder_of(action.plan.path).empty())
    return quarantine_payload(action, location);
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  const bool partial = action.plan.group == RepairGroup::partials;
  if (partial && !is_unused(location, *meta, processes_)) return skipped(std::string(in_use));
  const auto moved = move_to_quarantine(resolver_, action.plan.path, location, action.plan.reason,
                                        precise_unix_time_s());
  return moved ? done() : failed(moved.error());
}

}  // namespace hfaudit
