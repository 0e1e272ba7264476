// The content of one repo folder as plain values, filled by one walk. Later stages work without
// stat().
//
// Paths in here are raw bytes, relative to the repo folder unless said otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_info.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// The identity of the file at its scan.
[[nodiscard]] inline FileIdentity identity_of(const FileInfo& meta) {
  return {meta.key.device, meta.key.inode, meta.size, meta.mtime_ns};
}

// A file in `blobs/` that has its final name. With a shared store it is a link to the payload.
struct Blob {
  std::string name;                 // the etag
  FileInfo meta;                    // of the entry itself; its type is symlink where it is a link
  std::string link;                 // the link's text, empty for a regular file
  std::optional<FileInfo> payload;  // the target of the link; nullopt: it is absent
  bool shared = false;              // the link leads into the shared blob store
  bool escapes = false;             // the link leads somewhere else

  [[nodiscard]] bool is_link() const { return meta.type == FileType::symlink; }
  // The regular file with the bytes, or null.
  [[nodiscard]] const FileInfo* content() const {
    if (!is_link()) return meta.type == FileType::regular ? &meta : nullptr;
    return payload && payload->type == FileType::regular ? &*payload : nullptr;
  }
};

// A download that lacks its final name.
struct Partial {
  std::string path;
  std::string etag;  // of the blob that it is to become; empty where the name omits it
  FileInfo meta;
  std::uint64_t present = 0;  // bytes that may be counted as downloaded
  bool open = false;          // a process has it open for writing
  bool lock_held = false;     // a process holds the lock of its blob
  bool liveness_known = true;
  Holder holder;
  std::string local_file;  // --local-dir: the file that it is to become, if the name contains it
  // aria2: the file with the bytes; `path` is its control file
  std::optional<FileInfo> data;

  [[nodiscard]] bool live() const { return open || lock_held; }
};

enum class LockKind : std::uint8_t { flock, soft, existence };
enum class LockState : std::uint8_t { free, held, stale, unknown };

struct Lock {
  std::string path;  // relative to the hub cache (--local-dir: to that directory)
  // empty where the name omits it; in a --local-dir download the file in its place
  std::string etag;
  LockKind kind = LockKind::flock;
  LockState state = LockState::unknown;
  FileInfo meta;
  Holder holder;
  std::string host;  // soft locks: the holder by its text
};

enum class EntryKind : std::uint8_t { link, copy, other };

// A file of a snapshot.
struct Entry {
  std::string path;  // below snapshots/<commit>/
  EntryKind kind = EntryKind::link;
  std::string target;  // the link's text
  int blob = -1;       // index into RepoInventory::blobs where the link leads there
  bool to_partial = false;
  bool escapes = false;
  bool exists = false;
  bool text_file = false;  // a regular file that holds a link's text, in `target`
  FileInfo meta;           // of the content: the copy, the blob's payload or the target of the link
};

struct Revision {
  // the snapshot folder's name; usually a commit (some clients use other names)
  std::string commit;
  FileInfo meta;
  bool exists = true;          // false: only a ref or a tree names it
  std::vector<Entry> entries;  // sorted by path
  // when the snapshot folder was made, 0 where the file system lacks it
  std::int64_t born_ns = 0;

  [[nodiscard]] const Entry* find_entry(std::string_view path) const;  // or null
};

struct Ref {
  std::string name;     // below refs/: "main", "refs/pr/1"
  std::string commit;   // empty where malformed
  std::string failure;  // why it is malformed, else empty
  bool temporary = false;
  FileInfo meta;
};

// ExtraEntry::reason of a file that an operating system or a synchronisation tool left.
inline constexpr std::string_view of_the_system =
    "left by the operating system or a sync tool: not part of the model, safe to remove";

// The folder that a path is relative to.
enum class Root : std::uint8_t { repo, hub };  // the repo's, the hub cache

// The access that members of a group that shares the cache need in a folder.
enum class Members : std::uint8_t {
  add_files,
  pass,  // the home around a shared hub
  none   // a part of the home that clients of the hub ignore
};

// A folder, or a file other than a blob, entry, partial, lock or ref.
struct ExtraEntry {
  std::string path;  // relative to `root`
  FileInfo meta;
  std::string reason{};   // of an unrecognized one: why; empty: foreign to all known clients
  std::string partial{};  // of debris: the etag of the partial that it belongs to
  Root root = Root::repo;
  // of a folder: the access that members need where a group shares the cache
  Members members = Members::add_files;
};

struct RepoInventory {
  RepoId repo;
  std::string folder;  // relative to the hub cache, or the --local-dir itself
  FileInfo meta;
  std::vector<Blob> blobs;  // sorted by name
  std::vector<Partial> partials;
  std::vector<Lock> locks;
  std::vector<Ref> refs;
  std::vector<Revision> revisions;                           // sorted by commit
  std::map<std::string, std::vector<std::string>> no_exist;  // by commit: paths
  std::vector<ExtraEntry> trees;                             // trees/<commit>.json
  // all that were entered, in walking order: parents before children
  std::vector<ExtraEntry> directories;
  std::vector<ExtraEntry> debris;
  std::vector<ExtraEntry> unrecognized;
  std::vector<Unreadable> unreadable;
  // Cached listings that are closed to this process or the cache's user: other evidence judges.
  std::vector<Unreadable> unread_listings;
  // the repo's folder, its blobs or its snapshots: a link, whose target (`reason`) is absent
  std::vector<ExtraEntry> dead_links;
  bool unreadable_folder = false;  // some folder was unreadable: absence is no evidence

  [[nodiscard]] int find_blob(std::string_view name) const;  // index or -1
};

}  // namespace hfaudit
