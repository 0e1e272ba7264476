#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "cache/blob_name.hpp"
#include "hfaudit/identity.hpp"
#include "listings/file_role.hpp"
#include "scan/liveness.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view marker = ".huggingface-shared-blobs";

// Files that clients keep in the hub folder beside the repos; the last three are the desktop's.
bool is_known_file(std::string_view name) {
  constexpr std::array<std::string_view, 6> known = {
      "CACHEDIR.TAG", "version.txt", "version_diffusers_cache.txt",
      ".DS_Store",    "Thumbs.db",   "desktop.ini"};
  return std::find(known.begin(), known.end(), name) != known.end() || name.ends_with(".lock");
}

// The flat cache of huggingface_hub < 0.8 and transformers < 4.22:
// <sha256(url)>[.<sha256(etag)>][.h5|.json|.lock].
bool is_flat_cache_file(std::string_view name) {
  return name.size() >= 64 && is_sha256(name.substr(0, 64));
}

std::set<std::string> commits_in(const os::Directory& hub, const std::string& repo_folder) {
  std::set<std::string> commits;
  const auto repo = hub.open_directory(repo_folder);
  if (!repo) return commits;
  const auto snapshots = repo->open_directory("snapshots");
  if (!snapshots) return commits;
  (void)snapshots->list([&](const os::DirectoryEntry& entry) { commits.emplace(entry.name); });
  return commits;
}

// Names that no repo can have are copies in any case. `.bak` and the like are legal: a copy has
// commits of its original, where `six-backup` may be a repo of its own beside `six`.
bool is_copy_of_repo_folder(const os::Directory& hub, const std::string& name) {
  const auto original = original_of_repo_copy(name);
  if (original.empty() || !parse_repo_folder(original)) return false;
  if (!is_possible_repo_name(name)) return true;
  const auto commits = commits_in(hub, name), known = commits_in(hub, original);
  return !commits.empty() &&
         std::includes(known.begin(), known.end(), commits.begin(), commits.end());
}

class HubWalker {
 public:
  HubWalker(const HomeContext& context, const os::Directory& hub, HomeInventory& out)
      : context_(context), hub_(hub), out_(out) {}

  void walk();
  void walk_partials();

 private:
  void inspect_at(const std::string& name, FileType type);
  void inspect_file(const std::string& name);
  void note_copy(const std::string& name);
  void walk_locks();
  void walk_tmp();
  void walk_store();
  void walk_store_folder(const std::string& prefix);
  [[nodiscard]] std::vector<std::string> names_in(const os::Directory& folder,
                                                  const std::string& path);
  void walk_lock_folder(const os::Directory& locks, const std::string& repo);
  void add_lock(const std::string& path, const FileInfo& meta);
  void note_directory(const std::string& name);
  void note_partial(const std::string& name, const FileInfo& meta);
  [[nodiscard]] std::string full(const std::string& name) const {
    return within_home(context_.layout, context_.layout.hub_cache.path + "/" + name);
  }
  [[nodiscard]] FileInfo with_access(FileInfo meta, const std::string& name) const {
    return context_.user.judge(std::move(meta), context_.layout.hub_cache.path + "/" + name);
  }
  void unreadable(const std::string& name, const Error& error) {
    if (!os::is_absent(error))
      out_.things.unreadable.push_back({full(name), error.operation, error.cause});
  }

  const HomeContext& context_;
  const os::Directory& hub_;
  HomeInventory& out_;
};

// Sorted. `path`: of the folder, below the hub.
std::vector<std::string> HubWalker::names_in(const os::Directory& folder, const std::string& path) {
  std::vector<std::string> names;
  const auto listed =
      folder.list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
  if (!listed) unreadable(path, listed.error());
  std::sort(names.begin(), names.end());
  return names;
}

void HubWalker::walk() {
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = hub_.list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable("", listed.error());
  for (const auto& [name, type] : names)
    inspect_at(name, type);
}

void HubWalker::walk_partials() {
  // a Directory is listed once
  const auto again = hub_.open_directory(".");
  if (!again) return;
  std::vector<std::string> names;
  bool folder = false;
  (void)again->list([&](const os::DirectoryEntry& entry) {
    if (is_python_temporary(entry.name)) names.emplace_back(entry.name);
    folder = folder || entry.name == "tmp";
  });
  for (const auto& name : names) {
    const auto meta = hub_.stat(name);
    if (meta && meta->type == FileType::regular && meta->size > 0) note_partial(name, *meta);
  }
  if (folder) walk_tmp();
}

void HubWalker::inspect_at(const std::string& name, FileType type) {
  if (type != FileType::regular && is_copy_of_repo_folder(hub_, name)) {
    note_copy(name);
  } else if (type != FileType::regular && parse_repo_folder(name)) {
    out_.repo_folders.insert(name);
    if (type != FileType::symlink) return;
    const auto target = hub_.read_link(name);
    if (target && target->find('/') == std::string::npos) out_.aliases.insert(name);
  } else if (name == ".locks") {
    walk_locks();
  } else if (name == "tmp" && type == FileType::directory) {
    walk_tmp();
  } else if (name == "blobs" && type == FileType::directory && is_shared_store(hub_)) {
    walk_store();
  } else if (name == ".metadata" && type == FileType::directory) {
    note_directory(name);  // swift-huggingface
  } else if (!is_known_file(name)) {
    inspect_file(name);
  }
}

void HubWalker::note_copy(const std::string& name) {
  const auto meta = hub_.stat(name);
  if (!meta) return unreadable(name, meta.error());
  const auto original = original_of_repo_copy(name);
  const bool beside = hub_.stat(original).has_value();
  out_.things.unrecognized.push_back(
      {.path = full(name),
       .meta = with_access(*meta, name),
       .reason = beside ? "a copy of " + original + ", not used by clients"
                        : "no name of a repo: clients find it as " + original});
}

void HubWalker::inspect_file(const std::string& name) {
  const auto meta = hub_.stat(name);
  if (!meta) return unreadable(name, meta.error());
  const ExtraEntry entry{full(name), with_access(*meta, name)};
  if (is_python_temporary(name)) {
    if (meta->type == FileType::regular && meta->size > 0)
      note_partial(name, *meta);
    else
      out_.things.debris.push_back(entry);
  } else if (is_umask_probe(name)) {
    out_.things.debris.push_back(entry);
  } else if (!is_flat_cache_file(name)) {
    out_.things.unrecognized.push_back(entry);
  }
}

// huggingface_hub 0.8-0.22 downloaded into <hub>/tmpXXXXXXXX, hf-hub 0.2 into <hub>/tmp/: the names
// are anonymous.
void HubWalker::note_partial(const std::string& name, const FileInfo& meta) {
  Partial partial;
  partial.path = full(name);
  partial.meta = with_access(meta, name);
  partial.present = std::min(meta.size, meta.allocated);
  if (auto writer = context_.processes.writer_of(meta.key)) {
    partial.open = true;
    partial.holder = std::move(*writer);
  }
  out_.things.partials.push_back(std::move(partial));
}

void HubWalker::walk_tmp() {
  const auto folder = hub_.open_directory("tmp");
  if (!folder) return unreadable("tmp", folder.error());
  for (const auto& name : names_in(*folder, "tmp")) {
    const auto meta = folder->stat(name);
    if (!meta) unreadable("tmp/" + name, meta.error());
    if (meta && meta->type == FileType::regular) note_partial("tmp/" + name, *meta);
  }
}

void HubWalker::note_directory(const std::string& name) {
  const auto meta = hub_.stat(name);
  if (!meta) return unreadable(name, meta.error());
  out_.things.directories.push_back({full(name), with_access(*meta, name)});
}

// Lock folders of repos that are gone: clients leave them behind. A repo's own walk inspects its
// locks.
void HubWalker::walk_locks() {
  const auto folder = hub_.open_directory(".locks");
  if (!folder) return unreadable(".locks", folder.error());
  for (const auto& name : names_in(*folder, ".locks")) {
    const auto repo = hub_.stat(name);
    if (name == quarantine_folder || repo) continue;
    if (os::is_absent(repo.error()))
      walk_lock_folder(*folder, name);
    else
      unreadable(name, repo.error());
  }
}

void HubWalker::walk_lock_folder(const os::Directory& locks, const std::string& repo) {
  const auto folder_path = ".locks/" + repo;
  const auto folder = locks.open_directory(repo);
  if (!folder && folder.error().code == ELOOP) return;
  if (!folder) return unreadable(folder_path, folder.error());
  for (const auto& file : names_in(*folder, folder_path)) {
    if (file == preflight_lock) continue;
    const auto path = folder_path + "/" + file;
    const auto meta = hub_.stat(path);
    if (!meta) unreadable(path, meta.error());
    if (meta && meta->type == FileType::regular) add_lock(path, *meta);
  }
}

void HubWalker::add_lock(const std::string& path, const FileInfo& meta) {
  Lock lock;
  lock.path = full(path);
  lock.meta = with_access(meta, path);
  if (const auto error = judge_lock(context_.processes, hub_, path, context_.now_ns, lock))
    unreadable(path, *error);
  out_.things.locks.push_back(std::move(lock));
}

void HubWalker::walk_store() {
  note_directory("blobs");
  const auto store = hub_.open_directory("blobs");
  if (!store) return unreadable("blobs", store.error());
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = store->list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable("blobs", listed.error());
  for (const auto& [name, type] : names) {
    if (type == FileType::directory && name.size() == 2 && is_hex(name)) {
      walk_store_folder("blobs/" + name);
    } else if (name != marker && name != ".DS_Store") {
      const auto meta = store->stat(name);
      if (!meta) {
        unreadable("blobs/" + name, meta.error());
        continue;
      }
      const ExtraEntry entry{full("blobs/" + name), with_access(*meta, "blobs/" + name)};
      (name.starts_with(marker) ? out_.things.debris : out_.things.unrecognized).push_back(entry);
    }
  }
}

void HubWalker::walk_store_folder(const std::string& prefix) {
  note_directory(prefix);
  const auto folder = hub_.open_directory(prefix);
  if (!folder) return unreadable(prefix, folder.error());
  const auto names = names_in(*folder, prefix);
  for (const auto& name : names) {
    const auto path = prefix + "/" + name;
    const auto meta = folder->stat(name);
    if (!meta) {
      unreadable(path, meta.error());
      continue;
    }
    if (is_sha256(name)) {
      const bool refs = std::binary_search(names.begin(), names.end(), name + ".refs");
      out_.payloads.push_back({full(path), with_access(*meta, path), refs});
    } else if (name.ends_with(".tmp")) {
      out_.things.debris.push_back({full(path), with_access(*meta, path)});
    } else if (name.ends_with(".lock") || name.ends_with(".lock.soft")) {
      add_lock(path, *meta);
    } else if (!name.ends_with(".refs")) {
      out_.things.unrecognized.push_back({full(path), with_access(*meta, path)});
    }
  }
}

}  // namespace

bool is_shared_store(const os::Directory& hub) {
  const auto text = hub.read_small("blobs/" + std::string(marker), 16);
  return text && *text == "1\n";
}

std::string within_home(const Layout& layout, const std::string& path) {
  if (path == layout.hf_home.path) return ".";
  const auto root = layout.hf_home.path + "/";
  return path.starts_with(root) ? path.substr(root.size()) : path;
}

void note_access(const HomeContext& context, const os::Directory& hub, HomeInventory& out) {
  const auto& hub_path = context.layout.hub_cache.path;
  const auto meta = hub.stat_self();
  if (meta)
    out.things.directories.push_back(
        {within_home(context.layout, hub_path), context.user.judge(*meta, hub_path)});
  else
    out.things.unreadable.push_back(
        {within_home(context.layout, hub_path), meta.error().operation, meta.error().cause});
  const auto locks = hub.stat(".locks");
  const auto path = context.layout.hub_cache.path + "/.locks";
  if (!locks && !os::is_absent(locks.error()))
    out.things.unreadable.push_back(
        {within_home(context.layout, path), locks.error().operation, locks.error().cause});
  if (!locks || locks->type != FileType::directory) return;
  out.things.directories.push_back(
      {within_home(context.layout, path), context.user.judge(*locks, path)});
}

std::vector<Partial> find_hub_partials(const HomeContext& context, const os::Directory& hub) {
  HomeInventory found;
  HubWalker(context, hub, found).walk_partials();
  return hub_partials_of(context, found);
}

std::vector<Partial> hub_partials_of(const HomeContext& context, const HomeInventory& found) {
  const auto prefix = within_home(context.layout, context.layout.hub_cache.path) + "/";
  auto partials = found.things.partials;
  for (auto& partial : partials) {
    if (partial.path.starts_with(prefix)) partial.path.erase(0, prefix.size());
  }
  return partials;
}

void walk_hub(const HomeContext& context, const os::Directory& hub, HomeInventory& out) {
  const auto prefix = within_home(context.layout, context.layout.hub_cache.path);
  out.prefix = prefix == "." ? std::string() : prefix + "/";
  note_access(context, hub, out);
  HubWalker(context, hub, out).walk();
}

}  // namespace hfaudit
