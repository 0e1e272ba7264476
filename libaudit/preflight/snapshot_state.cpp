#include "preflight/snapshot_state.hpp"

#include <set>

#include "os/access.hpp"
#include "os/fs.hpp"

namespace hfaudit {
namespace {

constexpr unsigned deepest = 48;
constexpr std::size_t most_text_bytes =
    std::size_t{1024} * 1024;  // a longer one is of no known class

[[nodiscard]] bool is_kept_text(const std::string& name, const std::string& path, unsigned depth) {
  return name == "tokenizer_config.json" ? depth <= 1 : path == "config.json";
}

void record_file(const os::Directory& folder, const std::string& name, const std::string& path,
                 unsigned depth, Texts texts, SnapshotState& seen) {
  if (!folder.may_read(name)) return seen.unreadable.push_back(path);
  if (texts == Texts::of_tokenizers && is_kept_text(name, path, depth)) {
    auto text = folder.read_small(name, most_text_bytes, os::Links::follow);
    if (!text) return seen.unreadable.push_back(path);
    seen.texts.emplace(path, std::move(*text));
  }
  seen.files.push_back(path);
}

// `skipped`: names directly in `folder`.
void record_folder(const os::Directory& folder, const std::string& prefix, unsigned depth,
                   Texts texts, SnapshotState& seen, const std::set<std::string>& skipped = {}) {
  std::vector<std::pair<std::string, FileType>> names;
  if (!folder.list(
          [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); })) {
    seen.unreadable.push_back(prefix);
    return;
  }
  for (const auto& [name, type] : names) {
    if (skipped.contains(name)) continue;
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    if (type == FileType::directory) {
      const auto inner =
          depth < deepest ? folder.open_directory(name) : failure("enter", name, "too deep");
      if (inner)
        record_folder(*inner, path, depth + 1, texts, seen);
      else
        seen.unreadable.push_back(path);
    } else {
      record_file(folder, name, path, depth, texts, seen);
    }
  }
}

}  // namespace

SnapshotState see_folder(const std::string& path, Texts texts) {
  SnapshotState seen;
  const auto root = os::Directory::open_root(path);
  if (!root) return seen;
  seen.exists = true;
  record_folder(*root, {}, 0, texts, seen, {".cache", ".huggingface", ".git"});
  return seen;
}

SnapshotState see_snapshot(const Layout& layout, const RepoId& repo, const std::string& commit,
                           Texts texts) {
  SnapshotState seen;
  const auto name_owner = [&](const std::string& place) {
    const auto words =
        os::access_in_words(layout.hub_cache.path + "/" + repo.folder() + "/" + place);
    if (!words.empty()) seen.unreadable.front() += " (" + words + ")";
  };
  const auto hub = os::Directory::open_root(layout.hub_cache.path);
  const auto folder =
      hub ? hub->open_directory(repo.folder(), os::Links::follow) : tl::unexpected(hub.error());
  const auto snapshots = folder ? folder->open_directory("snapshots", os::Links::follow)
                                : tl::unexpected(folder.error());
  const auto snapshot =
      snapshots ? snapshots->open_directory(commit) : tl::unexpected(snapshots.error());
  if (!snapshot) {
    if (os::is_absent(snapshot.error())) return seen;
    seen.unreadable.push_back("snapshots/" + commit);
    name_owner(seen.unreadable.front());
    return seen;
  }
  seen.exists = true;
  record_folder(*snapshot, {}, 0, texts, seen);
  if (!seen.unreadable.empty()) name_owner("snapshots/" + commit + "/" + seen.unreadable.front());
  return seen;
}

}  // namespace hfaudit
