#include "cache/blob_name.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

// `.locks/<folder>/<etag>.lock` (huggingface_hub >= 0.19, hf-hub 1.x) and, a level deeper,
// `.locks/<folder>/blobs/<etag>.lock` (swift-huggingface).
void Walker::walk_locks() {
  const auto path = ".locks/" + out_.folder;
  const auto folder = context_.hub.open_directory(path);
  if (!folder) {
    unreadable_lock(path, folder.error());
    const auto meta = context_.hub.stat(path);
    if (meta && meta->type == FileType::directory) note_lock_folder(path, *meta);
    return;
  }
  walk_lock_folder(*folder, path, false);
}

void Walker::note_lock_folder(const std::string& path, const FileInfo& meta) {
  out_.directories.push_back({.path = path,
                              .meta = context_.user.judge(meta, context_.hub_path + "/" + path),
                              .root = Root::hub});
}

void Walker::unreadable_lock(const std::string& path, const Error& error) {
  if (!os::is_absent(error)) out_.unreadable.push_back({path, error.operation, error.cause});
}

void Walker::walk_lock_folder(const os::Directory& folder, const std::string& prefix, bool inner) {
  const auto self = folder.stat_self();
  if (self)
    note_lock_folder(prefix, *self);
  else
    unreadable_lock(prefix, self.error());
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) out_.unreadable.push_back({prefix, listed.error().operation, listed.error().cause});
  for (const auto& [name, type] : names) {
    if (type == FileType::directory && name == "blobs" && !inner) {
      if (const auto deeper = folder.open_directory(name))
        walk_lock_folder(*deeper, prefix + "/blobs", true);
      else
        unreadable_lock(prefix + "/blobs", deeper.error());
      continue;
    }
    if (name == preflight_lock) continue;
    auto meta = folder.stat(name);
    if (!meta) {
      unreadable_lock(prefix + "/" + name, meta.error());
      continue;
    }
    const bool own = meta->uid == context_.user.uid() && !context_.user.shares();
    *meta = context_.user.judge(
        *meta, own ? std::string() : context_.hub_path + "/" + prefix + "/" + name);
    const auto kind = classify_blob_name(name);
    if (kind.kind == BlobNameKind::temporary) {
      out_.debris.push_back({.path = prefix + "/" + name, .meta = *meta, .root = Root::hub});
      continue;
    }
    Lock lock;
    lock.path = prefix + "/" + name;
    lock.etag = kind.kind == BlobNameKind::lock ? kind.etag : "";
    lock.meta = *meta;
    out_.locks.push_back(std::move(lock));
  }
}

}  // namespace hfaudit
