// A repo's folders in a hub cache, and its blobs and entries in them:
//   <hub>/<repo folder>/blobs/<etag>
//   <hub>/<repo folder>/snapshots/<commit>/<path> -> ../../blobs/<etag>
//   <hub>/<repo folder>/.no_exist/<commit>/<path>
//
// The link has one `../` more for each folder in the path. `.no_exist` holds a client's notes of
// files that are absent from the commit.
//
// A blob is a regular file, or a link into the shared blob store of huggingface_hub 2
// (`../../blobs/<xx>/<64 hex>`). An entry is a link to its blob, or, without links, the file
// itself.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cache/inventory.hpp"
#include "hfaudit/identity.hpp"
#include "listings/listings.hpp"
#include "os/fs.hpp"
#include "store/adopt.hpp"
#include "store/files.hpp"
#include "store/shared_store.hpp"
#include "store/store.hpp"

namespace hfaudit {

class CacheRepoStore {
 public:
  CacheRepoStore(std::string hub, const RepoId& repo, std::string commit, StoreOptions options)
      : hub_path_(std::move(hub)),
        folder_(repo.folder()),
        commit_(std::move(commit)),
        may_share_(options.shared_store && options.symlinks),
        symlinks_(options.symlinks) {}

  // The folders, made where they are missing if `folders` says so. ENOENT: they are absent.
  [[nodiscard]] Result<void> open(Folders folders);
  [[nodiscard]] bool is_open() const;

  // Valid once they are open.
  [[nodiscard]] const os::Directory& hub() const { return *hub_; }
  [[nodiscard]] const os::Directory& repo() const { return *repo_; }
  [[nodiscard]] const os::Directory& blobs() const { return *blobs_; }
  [[nodiscard]] const std::shared_ptr<const os::Directory>& shared_blobs() const { return blobs_; }
  [[nodiscard]] LeftoverNames& leftovers() { return *leftovers_; }

  [[nodiscard]] const std::string& hub_path() const { return hub_path_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const std::string& commit() const { return commit_; }
  [[nodiscard]] std::string path() const { return hub_path_ + "/" + folder_; }

  // The content that is there, of its right size, and whether the entry leads to it.
  [[nodiscard]] Result<FileState> inspect(const TreeFile& file);
  [[nodiscard]] Result<std::unique_ptr<os::File>> open_content(const TreeFile& file);
  // The regular file behind `blobs/<etag>`, of any size.
  [[nodiscard]] Result<std::optional<FileInfo>> blob(const std::string& etag) const;
  // The listing, which outlives this: without links a blob is moved to its first entry, and the
  // other files of the same content are copied from there.
  void know_listing(const Tree& tree) { listing_ = &tree; }
  // The commit's folder, so that a partial can be attributed to this commit.
  [[nodiscard]] Result<void> make_snapshot();
  // The state of the blob: it was there; it has just been made, so that without links it may be
  // moved; or that, and the earlier content is wrong.
  enum class Blob { found, made, remade };
  // The shared store, where it is in use: the blob becomes a link to a payload that is there, or is
  // moved there. Where that fails the blob stays as it was.
  [[nodiscard]] bool link_payload(const TreeFile& file) const;
  void publish(const TreeFile& file) const;
  // The entry leads to the blob, and its `.no_exist` marker is removed.
  [[nodiscard]] Result<void> place_entry(const TreeFile& file, Blob blob);

 private:
  [[nodiscard]] Result<std::shared_ptr<const os::Directory>> snapshot(Folders folders);
  [[nodiscard]] Result<os::Directory> entry_folder(const TreeFile& file, Folders folders,
                                                   std::string& name);
  [[nodiscard]] Result<void> link_entry(const os::Directory& folder, const std::string& name,
                                        const TreeFile& file, const std::string& text);
  [[nodiscard]] Result<void> put_copy(const os::Directory& folder, const std::string& name,
                                      const TreeFile& file, bool fresh);
  [[nodiscard]] Result<std::unique_ptr<os::File>> open_copy_source(const TreeFile& file);
  [[nodiscard]] Result<std::optional<os::Directory>> no_exist_folder(const std::string& path,
                                                                     std::string& name) const;

  std::string hub_path_, folder_, commit_;
  bool may_share_;
  std::atomic<bool> symlinks_;
  const Tree* listing_ = nullptr;
  mutable std::mutex mutex_;  // guards only the creation of the following members
  std::optional<os::Directory> hub_, repo_;
  std::optional<SharedStore> store_;  // where it is in use
  std::shared_ptr<const os::Directory> blobs_, snapshot_;
  std::unique_ptr<LeftoverNames> leftovers_;
};

}  // namespace hfaudit
