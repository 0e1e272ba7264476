#include "repair/quarantine.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "cache/blob_name.hpp"
#include "hfaudit/render.hpp"
#include "os/name_sync.hpp"
#include "os/root_path.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t largest_note = 4096;

struct Item {
  os::Directory root, folder;
  std::string name;  // of the folder
};

// The folder that holds the quarantine for `path`.
Result<os::Directory> holder_of(const PathResolver& resolver, const std::string& path,
                                Folders folders) {
  if (const auto& local = resolver.local_dir()) {
    auto root = os::open_folder_at(*local);
    if (root) root = enter(*root, ".cache", folders);
    if (root) root = enter(*root, "huggingface", folders);
    return root;
  }
  if (const auto repo = resolver.repo_folder_of(path); !repo.empty())
    return resolver.open_repo(repo);
  const auto hub = resolver.open_hub();
  if (!hub) return tl::unexpected(hub.error());
  return enter(*hub, ".locks", folders);
}

Result<Item> make_item(const PathResolver& resolver, const std::string& path, std::string_view why,
                       double now_s) {
  const auto holder = holder_of(resolver, path, Folders::made);
  if (!holder) return tl::unexpected(holder.error());
  auto root = enter(*holder, std::string(quarantine_folder), Folders::made);
  if (!root) return tl::unexpected(root.error());
  auto name = os::random_suffix();
  auto folder = enter(*root, name, Folders::made);
  if (!folder) return tl::unexpected(folder.error());
  const auto note = printable(path) + "\n" + printable(why) + "\n" +
                    std::to_string(static_cast<std::int64_t>(now_s)) + "\n";
  if (auto put = put_text(*folder, ".note", note); !put) return tl::unexpected(put.error());
  // A moved file would be lost with a folder that a power cut reverts.
  if (auto synced = os::sync_new_names(); !synced) return tl::unexpected(synced.error());
  return Item{std::move(*root), std::move(*folder), std::move(name)};
}

void give_up(const Item& item) {
  (void)os::remove(item.folder, ".note");
  (void)os::remove_empty_folder(item.root, item.name);
}

std::vector<std::string> names_in(const os::Directory& folder) {
  std::vector<std::string> names;
  (void)folder.list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void list_items(const os::Directory& holder, const std::string& where,
                const std::optional<RepoId>& repo, std::vector<Quarantined>& out) {
  const auto root = holder.open_directory(std::string(quarantine_folder));
  if (!root) return;
  for (const auto& item : names_in(*root)) {
    const auto folder = root->open_directory(item);
    if (!folder) continue;
    const auto lines = lines_of(folder->read_small(".note", largest_note).value_or(std::string()));
    const auto again = root->open_directory(item);  // a Directory is listed once
    if (!again) continue;
    for (const auto& name : names_in(*again)) {
      const auto meta = folder->stat(name);
      if (name == ".note" || !meta) continue;
      Quarantined found;
      found.repo = repo;
      found.path = where + "/" + std::string(quarantine_folder) + "/" + item + "/" + name;
      found.bytes = meta->allocated;
      if (lines.size() >= 3) {
        found.from = lines[0];
        found.why = lines[1];
        (void)std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), found.moved_at);
      }
      out.push_back(std::move(found));
    }
  }
}

// Evidence that a pull kept: `<etag>.hfaudit.wrong`.
void list_evidence(const os::Directory& blobs, const std::string& where, const RepoId& repo,
                   std::vector<Quarantined>& out) {
  for (const auto& name : names_in(blobs)) {
    const auto known = classify_blob_name(name);
    const auto meta =
        known.kind == BlobNameKind::evidence ? blobs.stat(name) : Result<FileInfo>(FileInfo{});
    if (known.kind != BlobNameKind::evidence || !meta) continue;
    constexpr std::int64_t billion = 1'000'000'000;
    out.push_back({repo, where + "/blobs/" + name, where + "/blobs/" + known.etag,
                   "its content differed from the Hub's", meta->ctime_ns / billion,
                   meta->allocated});
  }
}

}  // namespace

Result<void> move_to_quarantine(const PathResolver& resolver, const std::string& path,
                                const OpenLocation& location, std::string_view why, double now_s) {
  const auto item = make_item(resolver, path, why, now_s);
  if (!item) return tl::unexpected(item.error());
  auto moved = os::rename_to_free_name(location.folder, location.name, item->folder, location.name);
  if (!moved) give_up(*item);
  os::sync_folder(item->folder);
  os::sync_folder(location.folder);
  return moved;
}

Result<void> keep_in_quarantine(const PathResolver& resolver, const std::string& path,
                                const OpenLocation& location, std::string_view why, double now_s) {
  const auto item = make_item(resolver, path, why, now_s);
  if (!item) return tl::unexpected(item.error());
  auto kept = os::add_name(location.folder, location.name, item->folder, location.name);
  // a file system without hard links: a file small enough to be replaced is small enough to copy
  if (!kept) {
    const auto text = location.folder.read_small(location.name, largest_note);
    kept =
        text ? put_text(item->folder, location.name, *text) : tl::unexpected<Error>(text.error());
  }
  if (!kept) give_up(*item);
  return kept;
}

Result<std::vector<Quarantined>> list_quarantine(const Layout& layout, const AuditRequest& what) {
  const PathResolver resolver(layout, what.local_dir);
  std::vector<Quarantined> found;
  if (what.local_dir) {
    const auto holder = holder_of(resolver, *what.local_dir, Folders::existing);
    if (holder) list_items(*holder, *what.local_dir + "/.cache/huggingface", std::nullopt, found);
    return found;
  }
  const auto hub = resolver.open_hub();
  if (!hub) return tl::unexpected(hub.error());
  const auto& home = layout.hf_home.path + "/";
  auto prefix = layout.hub_cache.path + "/";
  if (prefix.starts_with(home)) prefix = prefix.substr(home.size());
  std::vector<std::string> folders;
  for (const auto& asked : what.repos)
    folders.push_back(asked.repo.folder());
  if (folders.empty()) folders = names_in(*hub);
  for (const auto& folder : folders) {
    const auto id = parse_repo_folder(folder);
    const auto repo = id ? resolver.open_repo(folder) : tl::unexpected(Error{});
    if (!repo) continue;
    list_items(*repo, prefix + folder, id, found);
    if (const auto blobs = repo->open_directory("blobs", os::Links::follow))
      list_evidence(*blobs, prefix + folder, *id, found);
  }
  if (const auto locks = hub->open_directory(".locks"); locks && what.repos.empty())
    list_items(*locks, prefix + ".locks", std::nullopt, found);
  return found;
}

}  // namespace hfaudit
