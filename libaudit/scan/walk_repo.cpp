#include <algorithm>
#include <cerrno>
#include <set>

#include "cache/blob_name.hpp"
#include "listings/file_role.hpp"
#include "scan/gather.hpp"
#include "scan/gather_named.hpp"
#include "scan/liveness.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

// The path is put together only for entries of others, whose ACL may matter: there are few.
FileInfo Walker::with_access(FileInfo meta, std::string_view folder, std::string_view name) const {
  std::string path;
  if (meta.uid != context_.user.uid() || context_.user.shares()) {
    path = context_.hub_path + "/" + out_.folder;
    for (const auto part : {folder, name}) {
      if (!part.empty()) path.append("/").append(part);
    }
  }
  return context_.user.judge(std::move(meta), path);
}

void Walker::unreadable(const std::string& path, const Error& error) {
  if (os::is_absent(error)) return;  // removed during the scan: accepted
  out_.unreadable.push_back(
      {path.empty() ? out_.folder : out_.folder + "/" + path, error.operation, error.cause});
}

namespace {

bool leads_nowhere(const os::Directory& parent, const std::string& name) {
  const auto target = parent.stat_target(name);
  return !target && (os::is_absent(target.error()) || target.error().code == ELOOP);
}

}  // namespace

std::optional<os::Directory> Walker::enter(const os::Directory& parent, const std::string& name,
                                           const std::string& path, os::Links links) {
  const bool may_follow = links == os::Links::follow;
  auto opened = parent.open_directory(name);
  if (!opened) {
    const auto meta = parent.stat(name);
    const bool link = meta && meta->type == FileType::symlink;
    if (link && may_follow) opened = parent.open_directory(name, os::Links::follow);
    // clients follow a link in the place of refs, too
    const bool matters = may_follow || path == "refs";
    if (link && matters && !opened && leads_nowhere(parent, name)) {
      const auto target = parent.read_link(name);
      out_.dead_links.push_back({path, with_access(*meta, path), target.value_or("")});
      out_.unreadable_folder = true;
      return std::nullopt;
    }
    const int code = opened ? 0 : opened.error().code;
    if (meta && meta->type != FileType::directory && (code == ENOTDIR || code == ELOOP)) {
      const auto* what = !link        ? "a file where a folder should be"
                         : may_follow ? "a link that leads to no folder"
                                      : "a link in place of a folder";
      out_.unrecognized.push_back({path, with_access(*meta, path), what});
      return std::nullopt;
    }
    if (!opened) {
      unreadable(path, opened.error());
      out_.unreadable_folder = out_.unreadable_folder || !os::is_absent(opened.error());
      if (meta && meta->type == FileType::directory)
        out_.directories.push_back({path, with_access(*meta, path)});
      return std::nullopt;
    }
    if (path == "snapshots") moved_ = true;
  }
  const auto meta = opened->stat_self();
  if (!meta) {
    unreadable_listing(path, meta.error());
    return std::nullopt;
  }
  out_.directories.push_back({path, with_access(*meta, path)});
  return std::move(*opened);
}

void Walker::add_system_file(const os::Directory& folder, const std::string& name,
                             const std::string& path) {
  // the clients ignore these three as well
  if (name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini") return;
  add_foreign(folder, name, path, of_the_system);
}

void Walker::add_foreign(const os::Directory& folder, const std::string& name,
                         const std::string& path, std::string_view reason) {
  if (const auto meta = folder.stat(name))
    out_.unrecognized.push_back({path, with_access(*meta, path), std::string(reason)});
}

void Walker::unreadable_listing(const std::string& path, const Error& error) {
  unreadable(path, error);
  out_.unreadable_folder = out_.unreadable_folder || !os::is_absent(error);
}

void Walker::walk(const os::Directory& repo) {
  bool blobs = false, refs = false, snapshots = false, no_exist = false, trees = false;
  std::vector<std::pair<std::string, FileType>> others;
  const auto listed = repo.list([&](const os::DirectoryEntry& entry) {
    if (entry.name == "blobs")
      blobs = true;
    else if (entry.name == "refs")
      refs = true;
    else if (entry.name == "snapshots")
      snapshots = true;
    else if (entry.name == ".no_exist")
      no_exist = true;
    else if (entry.name == "trees")
      trees = true;
    else
      others.emplace_back(entry.name, entry.type);
  });
  if (!listed) unreadable_listing("", listed.error());
  walk_locks();
  if (blobs) walk_blobs(repo);
  if (snapshots) walk_snapshots(repo);
  if (refs) walk_refs(repo);
  if (no_exist) walk_no_exist(repo);
  if (trees) walk_trees(repo);
  add_absent_revisions();
  for (const auto& [name, type] : others) {
    const auto meta = repo.stat(name);
    if (!meta) {
      unreadable(name, meta.error());
      continue;
    }
    const ExtraEntry entry{name, with_access(*meta, name)};
    if (is_umask_probe(name) || is_python_temporary(name))
      out_.debris.push_back(entry);
    else if (is_system_file(name))
      add_system_file(repo, name, name);
    else if (name != ".hf-fm-snapshot.json" && name != quarantine_folder && !is_ledger_name(name))
      out_.unrecognized.push_back(entry);
  }
}

// A ref may name a commit without a snapshot, which is judged all the same.
void Walker::add_absent_revisions() {
  std::set<std::string> known;
  for (const auto& revision : out_.revisions)
    known.insert(revision.commit);
  for (const auto& ref : out_.refs) {
    if (ref.commit.empty() || !known.insert(ref.commit).second) continue;
    Revision revision;
    revision.commit = ref.commit;
    revision.exists = false;
    out_.revisions.push_back(std::move(revision));
  }
  std::sort(out_.revisions.begin(), out_.revisions.end(),
            [](const Revision& a, const Revision& b) { return a.commit < b.commit; });
}

namespace {

std::optional<os::Directory> walk_into(const WalkContext& context, const RepoId& repo,
                                       const std::string& folder, RepoInventory& inventory) {
  inventory.repo = repo;
  inventory.folder = folder;
  Walker walker(context, inventory);
  auto opened = walker.enter(context.hub, folder, "", os::Links::follow);
  if (!opened) return std::nullopt;
  inventory.meta = inventory.directories.empty() ? FileInfo{} : inventory.directories.front().meta;
  walker.walk(*opened);
  return opened;
}

}  // namespace

ScannedRepo scan_repo(const WalkContext& context, const RepoId& repo, const std::string& folder) {
  ScannedRepo seen;
  auto& inventory = seen.inventory;
  if (const auto opened = walk_into(context, repo, folder, inventory)) {
    judge_liveness(context, inventory);
    seen.evidence = gather_evidence(*opened, inventory);
    find_dependencies(context.hub, seen.evidence);
  }
  seen.evidence.revisions.resize(inventory.revisions.size());
  return seen;
}

RepoInventory list_repo(const WalkContext& context, const RepoId& repo, const std::string& folder) {
  RepoInventory inventory;
  (void)walk_into(context, repo, folder, inventory);
  return inventory;
}

}  // namespace hfaudit
