#include "repair/ownership_walker.hpp"

#include <algorithm>
#include <cerrno>

#include "audit/run.hpp"
#include "base/path.hpp"
#include "hfaudit/identity.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

constexpr unsigned deepest_folder = 48;

// "/a/b" -> "/a", "b".
std::pair<std::string, std::string> split(const std::string& path) {
  const auto parent = parent_path(path);
  if (parent.empty()) return {};
  return {std::string(parent), std::string(last_component(path))};
}

}  // namespace

OwnershipWalker::OwnershipWalker(const Layout& layout, const AuditRequest& request,
                                 const os::CacheUser& user)
    : layout_(layout), request_(request), user_(user) {
  if (request.local_dir) local_dir_ = absolute_path(*request.local_dir);
  context_.uid = user.uid();
  context_.gid = user.gid();
  const auto itself = inspect_folder(request.local_dir ? local_dir_ : layout.hub_cache.path);
  if (!itself) return;
  constexpr std::uint32_t others_write = 022;
  context_.shared = !request.local_dir && (itself->meta.mode & others_write) != 0;
  context_.hub_gid = itself->meta.gid;
}

// By its parent, where that is possible: a folder that root has made in the user's home belongs to
// the cache as well.
Result<os::SecureEntry> OwnershipWalker::inspect_folder(const std::string& path) const {
  const auto [parent, name] = split(path);
  if (!name.empty()) {
    const auto folder = os::SecureDirectory::open_root(parent, user_.uid());
    auto entry = folder ? folder->inspect(name) : tl::unexpected(folder.error());
    if (entry && entry->meta.type == FileType::directory) return entry;
  }
  const auto folder = os::SecureDirectory::open_root(path, user_.uid());
  return folder ? folder->inspect_self() : tl::unexpected(folder.error());
}

std::vector<OwnershipWalker::Root> OwnershipWalker::roots() const {
  if (request_.local_dir) {
    const auto& dir = local_dir_;
    return {{dir, false},
            {dir + "/.cache", false},
            {dir + "/.cache/huggingface"},
            {dir + "/.huggingface"}};
  }
  const auto& hub = layout_.hub_cache.path;
  if (!request_.repos.empty()) {
    std::vector<Root> roots = {{hub, false}, {hub + "/.locks", false}};
    for (const auto& asked : request_.repos) {
      roots.push_back({hub + "/" + asked.repo.folder()});
      roots.push_back({hub + "/.locks/" + asked.repo.folder()});
    }
    return roots;
  }
  if (!request_.whole_home) return {{hub}};
  std::vector<Root> roots = {{layout_.hf_home.path, false}, {hub}};
  for (const auto* place :
       {&layout_.xet_cache, &layout_.assets_cache, &layout_.datasets_cache, &layout_.modules_cache})
    roots.push_back({place->path});
  for (const auto* name :
       {".check_for_update_done", ".check_for_skill_update_done", ".agent_harnesses.json"})
    roots.push_back({layout_.hf_home.path + "/" + name, false});
  for (const auto* place : {&layout_.token, &layout_.stored_tokens}) {
    // a container's secret is root's
    const bool elsewhere = within_home(layout_, place->path) == place->path;
    roots.push_back({place->path, false, elsewhere});
  }
  return roots;
}

void OwnershipWalker::walk() {
  for (const auto& root : roots())
    visit_root(root);
  if (request_.local_dir && !stopped()) visit_downloaded();
}

std::string OwnershipWalker::within(const std::string& path) const {
  return request_.local_dir ? path : within_home(layout_, path);
}

// The folder that it lies in is reached by its path, the entry by name; the target of a link, or of
// a mount of its own, by its path again.
void OwnershipWalker::visit_root(const Root& root) {
  const auto [parent, name] = split(root.path);
  if (name.empty()) return;
  const auto folder = os::SecureDirectory::open_root(parent, user_.uid());
  if (!folder) {
    if (!os::is_absent(folder.error())) unreadable(within(root.path), folder.error());
    return;
  }
  if (root.only_theirs) {
    const auto around = folder->inspect_self();
    if (!around || around->meta.uid != user_.uid()) return;
  }
  const auto entry = folder->inspect(name);
  const bool elsewhere =
      entry ? entry->meta.type == FileType::symlink : entry.error().code == EXDEV;
  (void)visit(*folder, name, root.path, root.tree && !elsewhere, 0, {});
  if (elsewhere) follow(root.path, root.tree, 0);
}

void OwnershipWalker::follow(const std::string& path, bool tree, unsigned depth) {
  const auto root = os::SecureDirectory::open_root(path, user_.uid());
  if (!root) {
    if (!os::is_absent(root.error())) unreadable(within(path), root.error());
    return;
  }
  std::string above;
  auto itself = root->inspect_self();
  if (!itself) return unreadable(within(path), itself.error());
  itself->meta.access = user_.access(itself->meta, path);
  if (ownership_fix_for(itself->meta, split(path).second, context_) == OwnershipFix::give) {
    found(*root, "", path, *itself, {});
    above = path;
  }
  if (tree) visit_all_in(*root, path, depth, above);
}

// A repo folder, and its blobs and snapshots: people move them to a bigger disk and leave a link.
bool OwnershipWalker::may_be_moved(const std::string& path) const {
  const auto hub = layout_.hub_cache.path + "/";
  if (request_.local_dir || !path.starts_with(hub)) return false;
  const auto rest = path.substr(hub.size());
  const auto slash = rest.find('/');
  if (!parse_repo_folder(rest.substr(0, slash))) return false;
  return slash == std::string::npos || rest.substr(slash) == "/blobs" ||
         rest.substr(slash) == "/snapshots";
}

std::string OwnershipWalker::visit(const os::SecureDirectory& folder, const std::string& name,
                                   const std::string& path, bool tree, unsigned depth,
                                   std::string above) {
  auto entry = folder.inspect(name);
  if (!entry) {
    const bool other_mount = entry.error().code == EXDEV;
    if (!other_mount && !os::is_absent(entry.error())) unreadable(within(path), entry.error());
    return {};
  }
  const bool is_folder = entry->meta.type == FileType::directory;
  // the file system's own; the saved files may belong to any user
  if (is_folder && name == "lost+found") return {};
  if (!is_folder) note_download(path);
  entry->meta.access = user_.access(entry->meta, path);
  const auto what = ownership_fix_for(entry->meta, name, context_);
  if (what != OwnershipFix::leave) {
    found(folder, name, path, *entry, above);
    if (above.empty()) above = path;
  } else {
    above.clear();
  }
  if (!tree || stopped()) return above;
  if (entry->meta.type == FileType::symlink && may_be_moved(path)) follow(path, true, depth + 1);
  if (is_folder) enter(folder, name, path, depth, above);
  return above;
}

void OwnershipWalker::enter(const os::SecureDirectory& folder, const std::string& name,
                            const std::string& path, unsigned depth, const std::string& above) {
  if (depth >= deepest_folder)
    return unreadable(within(path), Error{"enter", name, "folders nest too deeply", 0});
  const auto inner = folder.enter(name);
  if (inner) return visit_all_in(*inner, path, depth + 1, above);
  if (!os::is_absent(inner.error()) && inner.error().code != EXDEV && inner.error().code != ELOOP)
    unreadable(within(path), inner.error());
}

void OwnershipWalker::visit_all_in(const os::SecureDirectory& folder, const std::string& path,
                                   unsigned depth, const std::string& above) {
  std::vector<std::string> names;
  if (const auto listed =
          folder.list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
      !listed)
    return unreadable(within(path), listed.error());
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    if (stopped()) return;
    (void)visit(folder, name, path + "/" + name, true, depth, above);
  }
}

// The name of a client's note is the name of a download; all other files in the folder are the
// user's own.
void OwnershipWalker::note_download(const std::string& path) {
  constexpr std::string_view ending = ".metadata";
  if (local_dir_.empty() || !path.ends_with(ending)) return;
  for (const std::string notes : {"/.cache/huggingface/download/", "/.huggingface/download/"}) {
    const auto begin = local_dir_ + notes;
    if (path.starts_with(begin))
      downloaded_.push_back(path.substr(begin.size(), path.size() - begin.size() - ending.size()));
  }
}

void OwnershipWalker::visit_downloaded() {
  const auto root = os::SecureDirectory::open_root(local_dir_, user_.uid());
  if (!root) return;  // reported when it was visited itself
  std::sort(downloaded_.begin(), downloaded_.end());
  downloaded_.erase(std::unique(downloaded_.begin(), downloaded_.end()), downloaded_.end());
  visit_files(*root, local_dir_, downloaded_, 0, {});
}

// Sorted, so that those of one folder stand together. `begin`: where their names in this folder do.
void OwnershipWalker::visit_files(const os::SecureDirectory& folder, const std::string& path,
                                  std::span<const std::string> files, std::size_t begin,
                                  const std::string& above) {
  for (std::size_t at = 0; at < files.size() && !stopped();) {
    const auto slash = files[at].find('/', begin);
    const auto name = files[at].substr(begin, slash - begin);
    const auto place = path + "/" + name;
    const auto inside = visit(folder, name, place, false, 0, above);
    const auto first = at++;
    if (slash == std::string::npos) continue;
    const auto prefix = std::string_view(files[first]).substr(0, slash + 1);
    while (at < files.size() && files[at].starts_with(prefix))
      ++at;
    const auto inner = folder.enter(name);
    if (inner) visit_files(*inner, place, files.subspan(first, at - first), slash + 1, inside);
  }
}

}  // namespace hfaudit
