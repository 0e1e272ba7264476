// The walk: one repo folder into one RepoInventory.
//
// Order matters while a client is downloading: blobs are listed before snapshots, so that a link to
// a blob which appeared in between is checked by itself before it counts as dangling; partials are
// listed first of all, so that one which became a blob meanwhile is counted once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/blob_name.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/users.hpp"

namespace hfaudit {

// Shared by all walks of one audit. References outlive the walk.
struct WalkContext {
  const os::Directory& hub;
  std::string hub_path;  // absolute, as given
  const os::CacheUser& user;
  os::Processes& processes;
  std::int64_t now_ns = 0;
};

// A repo as it was found, and the evidence of its files.
struct ScannedRepo {
  RepoInventory inventory;
  Evidence evidence;
};

// Walks `folder` below the hub, then reads the evidence. Always succeeds: unreadable entries are in
// RepoInventory::unreadable.
[[nodiscard]] ScannedRepo scan_repo(const WalkContext& context, const RepoId& repo,
                                    const std::string& folder);

// The same without reading files and without looking for processes: enough for a fingerprint.
[[nodiscard]] RepoInventory list_repo(const WalkContext& context, const RepoId& repo,
                                      const std::string& folder);

// The pieces, each in its file. `Walker` carries the repo's open directory and fills `out`.
class Walker {
 public:
  Walker(const WalkContext& context, RepoInventory& out) : context_(context), out_(out) {}

  void walk(const os::Directory& repo);
  void walk_blobs(const os::Directory& repo);
  void walk_refs(const os::Directory& repo);
  void walk_snapshots(const os::Directory& repo);
  void walk_no_exist(const os::Directory& repo);
  void walk_trees(const os::Directory& repo);
  void walk_locks();

  // Opens a folder and notes it in `directories`. People move a repo, its `blobs` or its
  // `snapshots` to a bigger disk and leave a link, which the clients follow. The walk follows it
  // there alone.
  [[nodiscard]] std::optional<os::Directory> enter(const os::Directory& parent,
                                                   const std::string& name, const std::string& path,
                                                   os::Links links = os::Links::refuse);
  // Fills in the access of the cache's user.
  [[nodiscard]] FileInfo with_access(FileInfo meta, std::string_view path) const {
    return with_access(std::move(meta), path, {});
  }
  [[nodiscard]] FileInfo with_access(FileInfo meta, std::string_view folder,
                                     std::string_view name) const;
  void unreadable(const std::string& path, const Error& error);
  void add_system_file(const os::Directory& folder, const std::string& name,
                       const std::string& path);
  void add_foreign(const os::Directory& folder, const std::string& name, const std::string& path,
                   std::string_view reason);
  // its content, or its target, is unknown
  void unreadable_listing(const std::string& path, const Error& error);

 private:
  void add_blob(const os::Directory& blobs, const std::string& name);
  void add_unfinished(const std::string& name, const FileInfo& meta, const BlobName& known);
  [[nodiscard]] bool resolve_blob_link(const os::Directory& blobs, Blob& blob,
                                       const std::string& name);
  void walk_ref_folder(const os::Directory& folder, const std::string& prefix, unsigned depth);
  void add_ref(const os::Directory& folder, const std::string& file, const std::string& name);
  void walk_snapshot_folder(const os::Directory& folder, const std::string& prefix, unsigned depth,
                            Revision& revision);
  void add_link(const os::Directory& folder, const std::string& file, Entry entry,
                Revision& revision);
  void add_unusual_link(const os::Directory& folder, const std::string& file, Entry entry,
                        Revision& revision);
  void walk_no_exist_folder(const os::Directory& folder, const std::string& prefix, unsigned depth,
                            std::vector<std::string>& paths);
  void add_absent_revisions();
  void unreadable_lock(const std::string& path, const Error& error);
  void walk_lock_folder(const os::Directory& folder, const std::string& prefix, bool inner);
  void note_lock_folder(const std::string& path, const FileInfo& meta);

  const WalkContext& context_;
  RepoInventory& out_;
  // snapshots/ was entered through a link: relative links start elsewhere than they seem to
  bool moved_ = false;
};

// How deep folders may nest below refs/, snapshots/ and .no_exist/; the Hub's own limit is far
// lower.
constexpr unsigned max_folder_depth = 48;

}  // namespace hfaudit
