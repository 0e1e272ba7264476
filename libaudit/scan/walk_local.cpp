#include "scan/walk_local.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <tuple>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "listings/file_role.hpp"
#include "scan/walk.hpp"

namespace hfaudit {
namespace {

class LocalWalker {
 public:
  LocalWalker(const os::Directory& root, const os::CacheUser& user, std::string path,
              RepoInventory& out)
      : root_(root), user_(user), root_path_(std::move(path)), out_(out) {}

  void walk() {
    note_folder(root_, "");
    for (const std::string notes : {".cache/huggingface", ".huggingface"}) {
      const auto folder = root_.open_directory(notes);
      if (folder)
        walk_notes(*folder, notes);
      else
        unreadable(notes, folder.error());
    }
    Revision revision;
    walk_files(root_, "", 0, revision);
    std::sort(revision.entries.begin(), revision.entries.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
    revision.commit = newest_commit();
    out_.revisions.push_back(std::move(revision));
  }

  // The notes of the client on its downloaded files.
  [[nodiscard]] std::vector<LocalRecord> take_records() {
    std::sort(records_.begin(), records_.end(),
              [](const LocalRecord& a, const LocalRecord& b) { return a.file < b.file; });
    return std::move(records_);
  }

 private:
  using Names = std::vector<std::pair<std::string, FileType>>;
  Names names_in(const os::Directory& folder, const std::string& path);
  void walk_notes(const os::Directory& folder, const std::string& path);
  void walk_records(const os::Directory& folder, const std::string& path, const std::string& prefix,
                    unsigned depth);
  void add_record(const os::Directory& folder, const std::string& name, const std::string& place,
                  const std::string& file);
  void add_partial(const FileInfo& meta, const std::string& place, const std::string& name,
                   const std::string& prefix);
  void walk_files(const os::Directory& folder, const std::string& prefix, unsigned depth,
                  Revision& revision);
  void walk_temporaries(const os::Directory& folder, const std::string& path,
                        const std::string& prefix, unsigned depth);
  void add_entry(const os::Directory& folder, const std::string& name, FileType type,
                 const std::string& path, Revision& revision);
  [[nodiscard]] std::string newest_commit() const;
  [[nodiscard]] FileInfo with_access(FileInfo meta, const std::string& path) const {
    meta.access = user_.access(meta, root_path_ + "/" + path);
    return meta;
  }
  void note_folder(const os::Directory& folder, const std::string& path) {
    const auto meta = folder.stat_self();
    if (!meta) return unreadable(path, meta.error());
    out_.directories.push_back({path, with_access(*meta, path)});
  }
  void unreadable(const std::string& path, const Error& error) {
    if (!os::is_absent(error)) out_.unreadable.push_back({path, error.operation, error.cause});
  }

  const os::Directory& root_;
  const os::CacheUser& user_;
  std::string root_path_;
  RepoInventory& out_;
  std::vector<LocalRecord> records_;
};

// `place`: the path of the folder `name`, which lies `depth` folders deep.
Result<os::Directory> open_inner(const os::Directory& folder, const std::string& name,
                                 const std::string& place, unsigned depth) {
  if (depth >= max_folder_depth) return failure("open", place, "folders nest too deeply", ELOOP);
  return folder.open_directory(name);
}

LocalWalker::Names LocalWalker::names_in(const os::Directory& folder, const std::string& path) {
  Names names;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) {
    unreadable(path, listed.error());
    out_.unreadable_folder = true;
  }
  return names;
}

void LocalWalker::walk_notes(const os::Directory& folder, const std::string& path) {
  note_folder(folder, path);
  for (const auto& [name, type] : names_in(folder, path)) {
    const auto place = path + "/" + name;
    if (type != FileType::directory) continue;
    const auto inner = folder.open_directory(name);
    if (!inner) {
      unreadable(place, inner.error());
      continue;
    }
    if (name == "download") walk_records(*inner, place, "", 0);
    if (name != "trees") continue;
    for (const auto& [file, kind] : names_in(*inner, place)) {
      const auto meta = inner->stat(file);
      if (!meta) {
        unreadable(place + "/" + file, meta.error());
        continue;
      }
      const ExtraEntry entry{place + "/" + file, with_access(*meta, place + "/" + file)};
      (file.ends_with(".json") ? out_.trees : out_.debris).push_back(entry);
    }
  }
}

void LocalWalker::walk_records(const os::Directory& folder, const std::string& path,
                               const std::string& prefix, unsigned depth) {
  for (const auto& [name, type] : names_in(folder, path)) {
    const auto place = path + "/" + name;
    const auto file = prefix.empty() ? name : prefix + "/" + name;
    if (type == FileType::directory) {
      const auto inner = open_inner(folder, name, place, depth);
      if (inner)
        walk_records(*inner, place, file, depth + 1);
      else
        unreadable(place, inner.error());
      continue;
    }
    const auto meta = folder.stat(name);
    if (!meta) {
      unreadable(place, meta.error());
      continue;
    }
    if (name.ends_with(".metadata")) {
      add_record(folder, name, place, file.substr(0, file.size() - 9));
    } else if (name.ends_with(".lock")) {
      Lock lock;
      lock.path = place;
      lock.etag = file.substr(0, file.size() - 5);
      lock.meta = with_access(*meta, place);
      out_.locks.push_back(std::move(lock));
    } else if (name.ends_with(".incomplete")) {
      add_partial(*meta, place, name, prefix);
    } else if (name.ends_with(".hfaudit.pieces")) {
      const auto stem = classify_blob_name(name).etag;
      out_.debris.push_back({.path = place,
                             .meta = with_access(*meta, place),
                             .partial = stem.substr(stem.rfind('.') + 1)});
    } else if (is_umask_probe(name) || is_python_temporary(name) ||
               name.ends_with(".hfaudit.wrong")) {
      out_.debris.push_back({place, with_access(*meta, place)});
    }
  }
}

// Whether the file has been changed since is left to the rules.
void LocalWalker::add_record(const os::Directory& folder, const std::string& name,
                             const std::string& place, const std::string& file) {
  const auto text = folder.read_small(name, 4096);
  if (!text) return unreadable(place, text.error());
  if (auto metadata = parse_local_metadata(*text)) records_.push_back({file, std::move(*metadata)});
}

// `<hash of the name>.<etag>[.<8 hex>][.hfaudit].incomplete`, and before 0.28
// `<file>.<etag>.incomplete`.
void LocalWalker::add_partial(const FileInfo& meta, const std::string& place,
                              const std::string& name, const std::string& prefix) {
  const auto stem = classify_blob_name(name).etag;  // without ".incomplete" and the 8 hex digits
  Partial partial;
  partial.path = place;
  partial.meta = with_access(meta, place);
  partial.present = std::min(meta.size, meta.allocated);
  const auto dot = stem.rfind('.');
  if (dot != std::string::npos) {
    partial.etag = stem.substr(dot + 1);
    const auto head = stem.substr(0, dot);
    const bool hashed = head.size() == 28 && head.ends_with('=');
    if (!hashed) partial.local_file = prefix.empty() ? head : prefix + "/" + head;
  }
  out_.partials.push_back(std::move(partial));
}

void LocalWalker::walk_files(const os::Directory& folder, const std::string& prefix, unsigned depth,
                             Revision& revision) {
  for (const auto& [name, type] : names_in(folder, prefix)) {
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    if (path == ".git") continue;  // of a worktree or a submodule: a file
    if (type != FileType::directory) {
      add_entry(folder, name, type, path, revision);
      continue;
    }
    const bool notes = prefix.empty() && (name == ".cache" || name == ".huggingface");
    if (notes) continue;
    const auto inner = open_inner(folder, name, path, depth);
    if (!inner) {
      unreadable(path, inner.error());
      out_.unreadable_folder = true;
      continue;
    }
    // ModelScope downloads into this folder and moves each file when it is whole.
    if (path == "._____temp") {
      walk_temporaries(*inner, path, "", depth + 1);
      continue;
    }
    if (const auto meta = inner->stat_self())
      out_.directories.push_back({path, with_access(*meta, path)});
    walk_files(*inner, path, depth + 1, revision);
  }
}

void LocalWalker::walk_temporaries(const os::Directory& folder, const std::string& path,
                                   const std::string& prefix, unsigned depth) {
  for (const auto& [name, type] : names_in(folder, path)) {
    const auto place = path + "/" + name;
    auto file = prefix.empty() ? name : prefix + "/" + name;
    if (type == FileType::directory) {
      const auto inner = open_inner(folder, name, place, depth);
      if (inner)
        walk_temporaries(*inner, place, file, depth + 1);
      else
        unreadable(place, inner.error());
      continue;
    }
    const auto meta = folder.stat(name);
    if (!meta) unreadable(place, meta.error());
    if (!meta || meta->type != FileType::regular) continue;
    Partial partial;
    partial.path = place;
    partial.meta = with_access(*meta, place);
    partial.present = std::min(meta->size, meta->allocated);
    partial.local_file = std::move(file);
    out_.partials.push_back(std::move(partial));
  }
}

void LocalWalker::add_entry(const os::Directory& folder, const std::string& name, FileType type,
                            const std::string& path, Revision& revision) {
  if (is_umask_probe(name)) return;
  if (const auto target = target_of_partial(name); !target.empty() && type == FileType::regular) {
    const auto meta = folder.stat(name);
    if (!meta) return;
    Partial partial;
    partial.path = path;
    partial.meta = with_access(*meta, path);
    partial.present = std::min(meta->size, meta->allocated);
    partial.local_file = path.substr(0, path.size() - name.size()) + std::string(target);
    if (is_notes_name(name)) {
      const auto data = folder.stat(std::string(target));
      if (data) partial.data = *data;
      partial.present = data ? std::min(data->size, data->allocated) : 0;
    }
    out_.partials.push_back(std::move(partial));
    return;
  }
  Entry entry;
  entry.path = path;
  const bool link = type == FileType::symlink;
  const auto meta = link ? folder.stat_target(name) : folder.stat(name);
  if (link) {  // before 0.23 big files were links into the hub cache
    entry.target = folder.read_link(name).value_or("");
  } else {
    entry.kind = EntryKind::copy;
  }
  if (meta) {
    if (!link && meta->type != FileType::regular) return;
    entry.exists = true;
    entry.meta = with_access(*meta, path);
  } else if (!link) {
    unreadable(path, meta.error());
    if (!os::is_absent(meta.error())) out_.unreadable_folder = true;
    return;
  }
  revision.entries.push_back(std::move(entry));
}

std::string LocalWalker::newest_commit() const {
  const auto newest = std::max_element(records_.begin(), records_.end(),
                                       [](const LocalRecord& a, const LocalRecord& b) {
                                         return a.metadata.timestamp < b.metadata.timestamp;
                                       });
  if (newest != records_.end()) return newest->metadata.commit;
  // Without any: of the download that began last.
  const auto tree = std::max_element(
      out_.trees.begin(), out_.trees.end(), [](const ExtraEntry& a, const ExtraEntry& b) {
        return std::tie(a.meta.mtime_ns, a.path) < std::tie(b.meta.mtime_ns, b.path);
      });
  if (tree == out_.trees.end()) return {};
  const auto name = last_component(tree->path);
  return std::string(name.substr(0, name.size() - std::string_view(".json").size()));
}

}  // namespace

LocalDownload walk_local_dir(const os::Directory& root, const os::CacheUser& user,
                             const std::string& path) {
  LocalDownload found;
  LocalWalker walker(root, user, path, found.inventory);
  walker.walk();
  found.recorded = walker.take_records();
  return found;
}

bool may_be_local_partial(std::string_view path) {
  const auto name = last_component(path);
  return may_be_partial(path) || may_hold_weights(path) || !target_of_partial(name).empty();
}

}  // namespace hfaudit
