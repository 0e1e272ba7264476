#include "scan/walk_home.hpp"

#include <algorithm>
#include <cerrno>

#include "cache/blob_name.hpp"

namespace hfaudit {
namespace {

// Folders with other files than the Hub's: only their access, and leftovers of killed processes.
class HomeWalker {
 public:
  HomeWalker(const HomeContext& context, HomeInventory& out) : context_(context), out_(out) {}

  void walk_xet();
  void walk_datasets();
  void walk_misplaced();
  void note_folder(const std::string& path, Members members = Members::none);
  void note_token(const std::string& path);

 private:
  [[nodiscard]] bool is_in_hub(const os::Directory& home, const std::string& name) const;
  [[nodiscard]] std::optional<FileInfo> stat(const std::string& path);
  using Each = std::function<void(const os::Directory&, const std::string& name, FileType)>;
  // Notes the folder at the absolute `path` and calls `each` for its entries.
  void enter(const std::string& path, const Each& each);
  void walk_dataset(const std::string& path, unsigned depth);
  [[nodiscard]] std::string full(const std::string& path) const {
    return within_home(context_.layout, path);
  }
  [[nodiscard]] FileInfo with_access(FileInfo meta, const std::string& path) const {
    return context_.user.judge(std::move(meta), path);
  }

  const HomeContext& context_;
  HomeInventory& out_;
  Members members_ = Members::none;  // of the folders that enter() notes
};

void HomeWalker::enter(const std::string& path, const Each& each) {
  const auto folder = os::Directory::open_root(path);
  if (!folder) {
    if (os::is_absent(folder.error())) return;
    out_.things.unreadable.push_back({full(path), folder.error().operation, folder.error().cause});
    note_folder(path, members_);
    return;
  }
  const auto meta = folder->stat_self();
  if (meta)
    out_.things.directories.push_back(
        {.path = full(path), .meta = with_access(*meta, path), .members = members_});
  else
    out_.things.unreadable.push_back({full(path), meta.error().operation, meta.error().cause});
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = folder->list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed)
    out_.things.unreadable.push_back({full(path), listed.error().operation, listed.error().cause});
  std::sort(names.begin(), names.end());
  for (const auto& [name, type] : names) {
    // a file system's own, where the folder is its root
    if (name != "lost+found") each(*folder, name, type);
  }
}

// The file at `path`, through links; nullopt: absent, or unreadable.
std::optional<FileInfo> HomeWalker::stat(const std::string& path) {
  const auto top = os::Directory::open_root("/");  // a folder above may be closed to be listed
  const auto meta = top ? top->stat_target(path == "/" ? "." : path.substr(1))
                        : Result<FileInfo>(tl::unexpected(top.error()));
  if (meta) return *meta;
  const bool known = std::any_of(out_.things.unreadable.begin(), out_.things.unreadable.end(),
                                 [&](const Unreadable& place) { return place.path == full(path); });
  if (!os::is_absent(meta.error()) && !known)
    out_.things.unreadable.push_back({full(path), meta.error().operation, meta.error().cause});
  return std::nullopt;
}

void HomeWalker::note_folder(const std::string& path, Members members) {
  if (const auto meta = stat(path))
    out_.things.directories.push_back(
        {.path = full(path), .meta = with_access(*meta, path), .members = members});
}

// Links lead from one place to the other: hub -> ".", or the folder of a repo.
bool HomeWalker::is_in_hub(const os::Directory& home, const std::string& name) const {
  const auto there = home.stat_target(name);
  const auto hub = os::Directory::open_root(context_.layout.hub_cache.path);
  const auto same = hub ? hub->stat_target(name) : Result<FileInfo>(tl::unexpected(hub.error()));
  return there && same && there->key == same->key;
}

// Repo folders in HF_HOME itself, where a client put them whose cache_dir was set to it.
void HomeWalker::walk_misplaced() {
  const auto& home = context_.layout.hf_home.path;
  out_.home = home;
  out_.hub = context_.layout.hub_cache.path;
  if (home == out_.hub) return;
  const auto folder = os::Directory::open_root(home);
  if (!folder) {
    // a home that others may enter but where listing is denied: its known entries are judged all
    // the same
    const bool denied = folder.error().code == EACCES;
    auto& places = denied ? out_.things.unread_listings : out_.things.unreadable;
    if (!os::is_absent(folder.error()))
      places.push_back({full(home), folder.error().operation, folder.error().cause});
    return;
  }
  const auto listed = folder->list([&](const os::DirectoryEntry& entry) {
    const bool folder_or_link =
        entry.type == FileType::directory || entry.type == FileType::symlink;
    const std::string name(entry.name);
    if (folder_or_link && parse_repo_folder(name) && !is_in_hub(*folder, name))
      out_.misplaced.push_back({full(home + "/" + name), {}, name});
  });
  if (!listed)
    out_.things.unreadable.push_back({full(home), listed.error().operation, listed.error().cause});
  std::sort(out_.misplaced.begin(), out_.misplaced.end(),
            [](const ExtraEntry& a, const ExtraEntry& b) { return a.path < b.path; });
}

void HomeWalker::note_token(const std::string& path) {
  const auto meta = stat(path);
  if (meta && meta->type == FileType::regular)
    out_.tokens.push_back({full(path), with_access(*meta, path)});
}

// <xet>/<endpoint>/{staging,shard-cache,chunk-cache}, <xet>/logs: a client creates all of them on
// every download, and fails when it may not. Their content is a cache of its own and stays
// unjudged.
void HomeWalker::walk_xet() {
  const auto& layout = context_.layout;
  const auto root = layout.xet_cache.path;
  members_ = is_folder_of_home(layout, root) && is_folder_of_home(layout, layout.hub_cache.path)
                 ? Members::add_files
                 : Members::none;
  enter(root, [&](const os::Directory&, const std::string& endpoint, FileType type) {
    if (type != FileType::directory) return;
    enter(root + "/" + endpoint, [&, endpoint](const os::Directory&, const std::string& part,
                                               FileType inner) {
      if (inner != FileType::directory) return;
      const auto path = root + "/" + endpoint + "/" + part;
      enter(path, [&, path](const os::Directory& folder, const std::string& name, FileType kind) {
        const bool temporary =
            name.starts_with('.') && (name.ends_with(".mdb_temp") || name.ends_with(".tmp"));
        if (kind != FileType::regular || !temporary) return;
        const auto meta = folder.stat(name);
        if (meta)
          out_.things.debris.push_back(
              {full(path + "/" + name), with_access(*meta, path + "/" + name)});
      });
    });
  });
}

// datasets/<name>/<config>/<version>/<hash>.incomplete/: a build that was killed.
// downloads/<hash>.incomplete: started anew by every version in use.
void HomeWalker::walk_datasets() {
  const auto root = context_.layout.datasets_cache.path;
  members_ = Members::none;
  enter(root, [&](const os::Directory&, const std::string& name, FileType type) {
    if (type != FileType::directory) return;
    const auto path = root + "/" + name;
    if (name != "downloads") return walk_dataset(path, 0);
    enter(path, [&](const os::Directory& folder, const std::string& file, FileType kind) {
      if (kind != FileType::regular || !file.ends_with(".incomplete")) return;
      const auto meta = folder.stat(file);
      if (!meta) return;
      Partial partial;
      partial.path = full(path + "/" + file);
      partial.meta = with_access(*meta, path + "/" + file);
      partial.present = std::min(meta->size, meta->allocated);
      if (auto writer = context_.processes.writer_of(meta->key)) {
        partial.open = true;
        partial.holder = std::move(*writer);
      }
      out_.things.partials.push_back(std::move(partial));
    });
  });
}

void HomeWalker::walk_dataset(const std::string& path, unsigned depth) {
  constexpr unsigned build_depth = 3;  // below datasets/<name>
  enter(path, [&](const os::Directory& folder, const std::string& name, FileType type) {
    if (type != FileType::directory) return;
    if (!name.ends_with(".incomplete")) {
      if (depth < build_depth) walk_dataset(path + "/" + name, depth + 1);
      return;
    }
    // Its builder holds `<dir>_builder.lock` while it works.
    const auto lock = folder.stat(name.substr(0, name.size() - 11) + "_builder.lock");
    if (lock && context_.processes.flock_holder(lock->key)) return;
    const auto meta = folder.stat(name);
    if (meta)
      out_.things.debris.push_back(
          {full(path + "/" + name), with_access(*meta, path + "/" + name)});
  });
}

}  // namespace

bool is_folder_of_home(const Layout& layout, const std::string& path) {
  const auto name = within_home(layout, path);
  if (name == path || name.find('/') != std::string::npos) return false;
  // a home that may be entered but where reading is denied: its known entries are visible all the
  // same
  const auto root = os::Directory::open_root("/");
  const auto meta = root ? root->stat(path.substr(1)) : tl::unexpected(root.error());
  return meta && meta->type == FileType::directory;
}

void walk_home(const HomeContext& context, HomeInventory& out) {
  HomeWalker walker(context, out);
  const auto& layout = context.layout;
  walker.note_folder(layout.hf_home.path, is_folder_of_home(layout, layout.hub_cache.path)
                                              ? Members::pass
                                              : Members::none);
  walker.walk_misplaced();
  walker.walk_xet();
  walker.walk_datasets();
  walker.note_folder(layout.assets_cache.path);
  walker.note_folder(layout.modules_cache.path);
  walker.note_token(layout.token.path);
  walker.note_token(layout.stored_tokens.path);
}

}  // namespace hfaudit
