#include "repair/sharing_walker.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/path.hpp"
#include "hfaudit/identity.hpp"
#include "os/fs.hpp"
#include "os/privilege.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

constexpr unsigned deepest_shared_folder = 48;
constexpr unsigned deepest_of_xet = 3;  // <endpoint>/staging/shard-session

std::vector<std::string> names_below(const os::SecureDirectory& folder, Result<void>& listed) {
  std::vector<std::string> names;
  listed = folder.list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
  std::sort(names.begin(), names.end());
  return names;
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace

SharingWalker::SharingWalker(const Layout& layout, const AuditRequest& request, std::uint32_t user)
    : layout_(layout), user_(user, 0) {
  whole_home_ = request.whole_home && request.repos.empty();
  for (const auto& asked : request.repos)
    asked_.insert(asked.repo.folder());
  if (request.local_dir) return;
  const auto hub = open(layout.hub_cache.path);
  const auto itself = hub ? hub->inspect_self() : tl::unexpected(hub.error());
  if (!itself) {
    const auto plain = os::Directory::open_root(layout.hub_cache.path);
    const auto meta = plain ? plain->stat_self() : tl::unexpected(plain.error());
    refused_ = os::is_root() && itself.error().code == EPERM && meta &&
               os::sharing_declared_by(*meta, layout.hub_cache.path);
    return;
  }
  // A user without write access to the hub folder only reads the cache and is outside the group of
  // members.
  const bool member = os::is_root() || itself->meta.uid == user ||
                      user_.access(itself->meta, layout.hub_cache.path).write;
  if (member) sharing_ = os::sharing_declared_by(itself->meta, layout.hub_cache.path);
  user_.share_with(sharing_);
}

// Root opens folders as the ownership repair does; the rights of other users reach their own files.
Result<os::SecureDirectory> SharingWalker::open(const std::string& path) const {
  return os::is_root() ? os::SecureDirectory::open_root(path, user_.uid())
                       : os::SecureDirectory::open_as_user(path);
}

std::string SharingWalker::within(const std::string& path) const {
  return within_home(layout_, path);
}

void SharingWalker::walk() {
  if (!sharing_) return;
  const auto hub = open(layout_.hub_cache.path);
  if (!hub) return unreadable(within(layout_.hub_cache.path), hub.error());
  visit_home();
  visit_hub(*hub);
  if (whole_home_ && !stopped()) visit_xet();
}

void SharingWalker::visit_home() {
  const auto& path = layout_.hf_home.path;
  if (!whole_home_ || !is_folder_of_home(layout_, layout_.hub_cache.path)) return;
  const auto home = open(path);
  if (!home) return;
  auto itself = home->inspect_self();
  if (!itself) return;
  itself->meta = user_.judge(itself->meta, path);
  auto fix = passage_fix_for(itself->meta, *sharing_);
  if (!fix) return;
  // A token that only the closed home protects is closed first, by the same repair.
  constexpr std::uint32_t readable = mode_bits::group_read | mode_bits::others_read;
  for (const std::string name : {"token", "stored_tokens"}) {
    const auto token = home->inspect(name);
    if (token && (token->meta.mode & readable) != 0) fix->evidence = ShareEvidence::nothing;
  }
  found({*home, "", path, path}, *itself, SharedEntry::folder, *fix);
}

void SharingWalker::visit_hub(const os::SecureDirectory& hub) {
  if (auto itself = hub.inspect_self())
    handle({hub, "", layout_.hub_cache.path, layout_.hub_cache.path, ""}, *itself,
           SharedEntry::folder);
  visit_all_in(hub, "", 0);
}

// A client makes all of them on each download; their content is for the creator alone.
void SharingWalker::visit_xet() {
  const auto& path = layout_.xet_cache.path;
  if (!is_folder_of_home(layout_, path) || !is_folder_of_home(layout_, layout_.hub_cache.path))
    return;
  const auto xet = open(path);
  if (!xet) return;
  if (auto itself = xet->inspect_self())
    handle({*xet, "", path, path}, *itself, SharedEntry::folder);
  visit_folders(*xet, path, 1);
}

void SharingWalker::visit_folders(const os::SecureDirectory& folder, const std::string& path,
                                  unsigned depth) {
  Result<void> listed;
  for (const auto& name : names_below(folder, listed)) {
    const auto entry = folder.inspect(name);
    if (stopped() || !entry || entry->meta.type != FileType::directory) continue;
    handle({folder, name, path + "/" + name, layout_.xet_cache.path}, *entry, SharedEntry::folder);
    const auto inner = folder.enter(name);
    if (inner && depth < deepest_of_xet) visit_folders(*inner, path + "/" + name, depth + 1);
  }
}

bool SharingWalker::is_asked(std::string_view below) const {
  if (asked_.empty() || below == ".locks") return true;
  constexpr std::string_view locks = ".locks/";
  if (below.starts_with(locks)) below.remove_prefix(locks.size());
  return asked_.contains(std::string(below.substr(0, below.find('/'))));
}

// One action for each repo and for each folder of locks.
std::string SharingWalker::group_of(std::string_view below) const {
  auto end = below.find('/');
  if (below.starts_with(".locks/")) end = below.find('/', end + 1);
  return joined(layout_.hub_cache.path, std::string(below.substr(0, end)));
}

void SharingWalker::visit_all_in(const os::SecureDirectory& folder, const std::string& below,
                                 unsigned depth) {
  const auto place = joined(layout_.hub_cache.path, below);
  if (depth >= deepest_shared_folder)
    return unreadable(within(place), Error{"enter", below, "folders nest too deeply", 0});
  Result<void> listed;
  const auto names = names_below(folder, listed);
  if (!listed) return unreadable(within(place), listed.error());
  for (const auto& name : names) {
    if (stopped()) return;
    if (is_asked(joined(below, name))) visit(folder, name, joined(below, name), depth);
  }
}

void SharingWalker::visit(const os::SecureDirectory& folder, const std::string& name,
                          const std::string& below, unsigned depth) {
  const auto entry = folder.inspect(name);
  if (!entry) return;  // removed meanwhile, or another mount, which has owners of its own
  const auto type = entry->meta.type;
  if (type == FileType::symlink && depth == 0 && parse_repo_folder(name)) return follow_repo(name);
  const auto kind = shared_entry_at(below, type);
  if (kind == SharedEntry::other) return;
  const auto path = joined(layout_.hub_cache.path, below);
  handle({folder, name, path, group_of(below), below}, *entry, kind);
  if (kind != SharedEntry::folder) return;
  const auto inner = folder.enter(name);
  if (inner) return visit_all_in(*inner, below, depth + 1);
  if (!os::is_absent(inner.error()) && inner.error().code != EXDEV && inner.error().code != ELOOP)
    unreadable(within(path), inner.error());
}

// Moved to a bigger disk, with a link left in its place.
void SharingWalker::follow_repo(const std::string& folder) {
  const auto path = joined(layout_.hub_cache.path, folder);
  const auto repo = open(path);
  if (!repo) return;
  if (auto itself = repo->inspect_self())
    handle({*repo, "", path, path, folder}, *itself, SharedEntry::folder);
  visit_all_in(*repo, folder, 1);
}

void SharingWalker::handle(const EntryLocation& at, os::SecureEntry entry, SharedEntry kind) {
  entry.meta = user_.judge(entry.meta, at.path);
  if (const auto fix = sharing_fix_for(entry.meta, kind, *sharing_))
    return found(at, entry, kind, *fix);
  if (kind == SharedEntry::folder) sound(at, entry);
}

}  // namespace hfaudit
