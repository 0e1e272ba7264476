// # unrecognized-entry
//
// Something in the cache that is foreign to all known clients: a file beside the folders of a repo,
// a blob whose name differs from every form of an etag, a FIFO or a socket in the place of a file
// or a lock. Also files of an operating system or a sync tool (`.DS_Store`, `._x`, `desktop.ini`,
// `@eaDir/`), without which the model is judged; they are safe to remove. Likewise the copies that
// such tools put beside a file (`x (1).json`, `x.sync-conflict-….json`). Repairs leave all of these
// alone.
//
// Why it matters: it may be a user's own file, or the trace of a client that is unknown to this
// version. In the place of a file of the snapshot the file is raised as missing-file as well.
//
// Not raised: for the files that clients are known to leave, such as `CACHEDIR.TAG` and
// `version.txt`; for a file of the operating system that the listing of the revision has.
//
// Causes: files that were copied into the cache by hand, a download into the hub folder by a tool
// that ignores its layout.
#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

void check_unrecognized_entry(RepoCheck& c) {
  for (std::size_t i = 0; i < c.repo.blobs.size() && c.absence_counts(); ++i) {
    const auto& name = c.repo.blobs[i].name;
    if (c.used_blobs[i] || c.unlinked_blobs[i] || looks_like_etag(name)) continue;
    c.raise(FindingId::unrecognized_entry, "blobs/" + name,
            "no client uses such a name for a blob");
  }
  for (const auto& [revision, entry] : c.system_files) {
    const auto path =
        c.context.local_dir ? entry->path : "snapshots/" + revision->commit + "/" + entry->path;
    const auto original = original_of_copy(entry->path);
    c.raise(FindingId::unrecognized_entry, path,
            is_system_file(entry->path) || original.empty()
                ? std::string(of_the_system)
                : "a copy of " + printable(last_component(original)) +
                      " that a sync tool or a file manager left: not part of the model");
  }
  for (const auto& entry : c.repo.unrecognized) {
    c.raise(FindingId::unrecognized_entry, entry.path,
            entry.reason.empty() ? "not written by any known client" : entry.reason);
  }
}

// A FIFO, a socket or a device in the place of a file.
void raise_special_file(RepoCheck& c, RevisionState& state, const Entry& entry) {
  const auto path = c.place(state, entry.path);
  c.raise(FindingId::unrecognized_entry, path,
          printable(entry.path) + " is neither a file nor a link", &state);
  c.raise(FindingId::missing_file, path, printable(entry.path) + " is not a regular file", &state);
}

}  // namespace hfaudit
