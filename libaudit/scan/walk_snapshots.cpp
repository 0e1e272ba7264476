#include <algorithm>
#include <array>
#include <cerrno>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "listings/file_role.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

void Walker::walk_snapshots(const os::Directory& repo) {
  const auto snapshots = enter(repo, "snapshots", "snapshots", os::Links::follow);
  if (!snapshots) return;
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = snapshots->list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable_listing("snapshots", listed.error());
  for (const auto& [name, type] : names) {
    const auto path = "snapshots/" + name;
    if (is_system_file(name)) {
      add_system_file(*snapshots, name, path);
      continue;
    }
    // Clients name these folders by a commit, an etag or a branch, none of which begins with a dot:
    // `.snapshot`, `.ipynb_checkpoints`, `.Trash-1000`.
    if (type == FileType::directory && (name.starts_with('.') || is_system_folder(name))) {
      add_foreign(*snapshots, name, path, "not a revision: no client makes such a folder");
      continue;
    }
    const auto folder = enter(*snapshots, name, path);
    if (!folder) continue;
    Revision revision;
    revision.commit = name;
    revision.meta = out_.directories.back().meta;
    revision.born_ns = folder->born_ns();
    walk_snapshot_folder(*folder, "", 0, revision);
    std::sort(revision.entries.begin(), revision.entries.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
    out_.revisions.push_back(std::move(revision));
  }
  std::sort(out_.revisions.begin(), out_.revisions.end(),
            [](const Revision& a, const Revision& b) { return a.commit < b.commit; });
}

void Walker::walk_snapshot_folder(const os::Directory& folder, const std::string& prefix,
                                  unsigned depth, Revision& revision) {
  const auto where = "snapshots/" + revision.commit + (prefix.empty() ? "" : "/" + prefix);
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable_listing(where, listed.error());
  for (const auto& [name, type] : names) {
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    if (type == FileType::directory) {
      if (depth >= max_folder_depth) {
        unreadable_listing(where + "/" + name, Error{"enter", name, "folders nest too deeply", 0});
        continue;
      }
      if (const auto inner = enter(folder, name, where + "/" + name)) {
        walk_snapshot_folder(*inner, path, depth + 1, revision);
      }
      continue;
    }
    if (is_umask_probe(name)) continue;
    Entry entry;
    entry.path = path;
    if (type == FileType::symlink) {
      add_link(folder, name, std::move(entry), revision);
      continue;
    }
    const auto meta = folder.stat(name);
    if (!meta) {
      unreadable_listing(where + "/" + name, meta.error());
      continue;
    }
    entry.kind = meta->type == FileType::regular ? EntryKind::copy : EntryKind::other;
    entry.meta = with_access(*meta, where, name);
    entry.exists = entry.kind == EntryKind::copy;
    revision.entries.push_back(std::move(entry));
  }
}

namespace {

// `../../blobs/<etag>`, with one `../` more for each folder: the form of every client.
std::string_view everyday_target(std::string_view text, std::string_view path) {
  std::size_t ups = 2;
  for (const char c : path)
    ups += c == '/' ? 1 : 0;
  for (; ups > 0; --ups) {
    if (!text.starts_with("../")) return {};
    text.remove_prefix(3);
  }
  if (!text.starts_with("blobs/")) return {};
  text.remove_prefix(6);
  return is_plain_etag(text) ? text : std::string_view();
}

}  // namespace

void Walker::add_link(const os::Directory& folder, const std::string& file, Entry entry,
                      Revision& revision) {
  std::array<char, 4096> buffer;
  const auto read = folder.read_link(file, buffer);
  if (!read)
    return unreadable_listing("snapshots/" + revision.commit + "/" + entry.path, read.error());
  if (const auto name = everyday_target(*read, entry.path); !name.empty() && !moved_) {
    entry.blob = out_.find_blob(name);
    if (entry.blob >= 0) {
      const auto* content = out_.blobs[static_cast<std::size_t>(entry.blob)].content();
      entry.exists = content != nullptr;
      if (entry.exists)
        entry.meta = *content;
      else
        entry.target = *read;
      revision.entries.push_back(std::move(entry));
      return;
    }
  }
  entry.target = *read;
  add_unusual_link(folder, file, std::move(entry), revision);
}

void Walker::add_unusual_link(const os::Directory& folder, const std::string& file, Entry entry,
                              Revision& revision) {
  const auto place = "snapshots/" + revision.commit + "/" + entry.path;
  auto target = resolve_link(place, entry.target);
  // huggingface_hub 0.13.0-0.13.2 wrote absolute links, and every version does across volumes.
  const auto own_root = context_.hub_path + "/" + out_.folder + "/";
  if (target.absolute && target.path.starts_with(own_root))
    target = {false, 0, target.path.substr(own_root.size())};

  if (!target.absolute && target.above == 0 && target.path.starts_with("blobs/")) {
    const auto name = std::string_view(target.path).substr(6);
    entry.blob = out_.find_blob(name);
    entry.to_partial = classify_blob_name(name).kind == BlobNameKind::partial;
    if (entry.blob >= 0 && !moved_) {
      const auto& blob = out_.blobs[static_cast<std::size_t>(entry.blob)];
      entry.exists = blob.content() != nullptr;
      if (entry.exists) entry.meta = *blob.content();
      revision.entries.push_back(std::move(entry));
      return;
    }
    entry.blob = -1;
  } else {
    entry.escapes = true;
  }
  // Outside the listed blobs: a later blob, one that is reached by another spelling, or an absent
  // one.
  const auto meta = folder.stat_target(file);
  if (meta) {
    entry.exists = meta->type == FileType::regular;
    entry.meta = with_access(*meta, place);
    const auto name = last_component(target.path);
    const auto same = out_.find_blob(name);
    if (same >= 0) {
      const auto* content = out_.blobs[static_cast<std::size_t>(same)].content();
      if (content != nullptr && content->key == meta->key) {
        entry.blob = same;
        entry.escapes = false;
      }
    }
  } else if (!os::is_absent(meta.error()) && meta.error().code != 0) {
    const int code = meta.error().code;
    const bool outside = target.absolute || target.above != 0;
    const bool denied = outside && (code == EACCES || code == EPERM);
    if (entry.escapes && (code == ELOOP || denied)) {
      // a loop, or a way through a folder that is closed to us: left as absent
      entry.exists = false;
    } else {
      unreadable_listing(place, meta.error());
      return;
    }
  } else if ((!target.absolute && target.above == 0) || !blob_named_by(entry.target).empty()) {
    // An absent target at the path of a blob (by an absolute link from before the cache was moved,
    // with the wrong number of steps up, or by another system's separators): dangling, but
    // harmless.
    entry.escapes = false;
  }
  revision.entries.push_back(std::move(entry));
}

}  // namespace hfaudit
