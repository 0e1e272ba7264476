#include <algorithm>

#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "listings/file_role.hpp"
#include "scan/walk.hpp"

namespace hfaudit {
namespace {

// A payload's path below the hub: `blobs/<first two>/<64 hex>`.
bool is_store_path(std::string_view path) {
  constexpr std::string_view root = "blobs/";
  if (!path.starts_with(root) || path.size() != root.size() + 2 + 1 + 64) return false;
  const auto prefix = path.substr(root.size(), 2);
  const auto hash = path.substr(root.size() + 3);
  return path[root.size() + 2] == '/' && is_sha256(hash) && hash.starts_with(prefix);
}

}  // namespace

void Walker::walk_blobs(const os::Directory& repo) {
  const auto blobs = enter(repo, "blobs", "blobs", os::Links::follow);
  if (!blobs) return;
  std::vector<std::pair<std::string, FileType>> names;
  const auto listed = blobs->list(
      [&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); });
  if (!listed) unreadable_listing("blobs", listed.error());
  // Partials first: one that becomes a blob during the scan would be missed as both otherwise.
  std::stable_partition(names.begin(), names.end(), [](const auto& entry) {
    return !is_plain_etag(entry.first) &&
           classify_blob_name(entry.first).kind != BlobNameKind::blob;
  });
  out_.blobs.reserve(names.size());
  for (const auto& [name, type] : names) {
    if (name == "W" && type == FileType::directory) {
      // Weak etags (W/"…") of huggingface_hub < 0.14 made a sub-folder.
      const auto weak = enter(*blobs, "W", "blobs/W");
      if (!weak) continue;
      std::vector<std::string> inner;
      if (const auto seen =
              weak->list([&](const os::DirectoryEntry& e) { inner.emplace_back(e.name); });
          !seen) {
        unreadable_listing("blobs/W", seen.error());
      }
      for (const auto& file : inner)
        add_blob(*blobs, "W/" + file);
      continue;
    }
    add_blob(*blobs, name);
  }
  std::sort(out_.blobs.begin(), out_.blobs.end(),
            [](const Blob& a, const Blob& b) { return a.name < b.name; });
}

void Walker::add_blob(const os::Directory& blobs, const std::string& name) {
  auto meta = blobs.stat(name);
  if (!meta) return unreadable_listing("blobs/" + name, meta.error());
  *meta = with_access(*meta, "blobs", name);
  if (meta->type == FileType::directory || meta->type == FileType::other) {
    out_.unrecognized.push_back(
        {"blobs/" + name, *meta, meta->type == FileType::other ? "not a regular file" : ""});
    return;
  }
  if (!is_plain_etag(name)) {
    const auto known = classify_blob_name(name);
    if (known.kind != BlobNameKind::blob && !is_system_file(name))
      return add_unfinished(name, *meta, known);
    if (is_system_file(name)) return add_system_file(blobs, name, "blobs/" + name);
  }
  Blob blob;
  blob.name = name;
  blob.meta = *meta;
  // an unresolvable link is left out: entries that lead to it are followed by the kernel
  if (!blob.is_link() || resolve_blob_link(blobs, blob, name))
    out_.blobs.push_back(std::move(blob));
}

void Walker::add_unfinished(const std::string& name, const FileInfo& meta, const BlobName& known) {
  const auto path = "blobs/" + name;
  if (known.kind == BlobNameKind::partial) {
    Partial partial;
    partial.path = path;
    partial.etag = known.etag;
    partial.meta = meta;
    partial.present = std::min(meta.size, meta.allocated);
    out_.partials.push_back(std::move(partial));
  } else if (known.kind == BlobNameKind::lock) {
    Lock lock;
    lock.path = out_.folder + "/" + path;
    lock.etag = known.etag;
    lock.meta = meta;
    lock.kind = LockKind::existence;
    out_.locks.push_back(std::move(lock));
  } else {
    const bool notes = known.kind == BlobNameKind::state;  // they are handled with their partial
    out_.debris.push_back(
        {.path = path, .meta = meta, .partial = notes ? known.etag : std::string()});
  }
}

// A blob may be a link into the cache's own shared store (`../../blobs/ab/<xet hash>`), nowhere
// else.
bool Walker::resolve_blob_link(const os::Directory& blobs, Blob& blob, const std::string& name) {
  const auto text = blobs.read_link(name);
  if (!text) {
    unreadable_listing("blobs/" + name, text.error());
    return false;
  }
  blob.link = *text;
  auto target = resolve_link("blobs/" + name, *text);
  if (target.absolute && target.path.starts_with(context_.hub_path + "/")) {
    target = {false, 1, target.path.substr(context_.hub_path.size() + 1)};
  }
  const bool in_store = !target.absolute && target.above == 1 && is_store_path(target.path);
  blob.shared = in_store;
  blob.escapes = !in_store;
  // as the kernel goes: a repo that was moved leads elsewhere
  const auto payload = blobs.stat_target(name);
  if (payload) {
    blob.payload = context_.user.judge(*payload, context_.hub_path + "/" + target.path);
  } else if (!os::is_absent(payload.error())) {
    unreadable_listing("blobs/" + name, payload.error());
    return false;
  }
  return true;
}

}  // namespace hfaudit
