#include "cache/blob_name.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

// `.locks/<folder>/<etag>.lock` (huggingface_hub >= 0.19, hf-hub 1.x) and, a level deeper,
// `.locks/<folder>/blobs/<etag>.lock` (swift-huggingface).
void Walker::walk_locks() {
  const auto path = ".locks/" + out_.folder;
  const auto folder = context_.hub.open_directory(path);
  if (!folder) {
    return unreadable_lock(path, folder.error());
  }
  walk_lock_folder(*folder, path, false);
}

void Walker::unreadable_lock(const std::string& path, const Error& error) {
  if (!os::is_absent(error)) out_.unreadable.push_back({path, error.operation, error.cause});
}

void Walker::walk_lock_folder(const os::Directory& folder, const std::string& prefix, bool inner) {
  const auto self = folder.stat_self();
  if (!self) unreadable_lock(prefix, self.error());
  if (const auto& meta = self) {
    ExtraEntry entry{.path = prefix, .meta = *meta, .root = Root::hub};
    entry.meta.access = context_.user.access(*meta, context_.hub_path + "/" + prefix);
    out_.directories.push_back(std::move(entry));
  }
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
    const bool own = meta->uid == context_.user.uid();
    meta->access = context_.user.access(
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
