// A source on this machine's file systems: the home or the hub cache of any client, or a
// `--local-dir` download.
//
// Files are opened by name from the folder that the user gave, and of links only a client's own are
// used: the final name in an entry's or a blob's link is searched for in `blobs/` or in the shared
// store. Root follows another user's link to a moved folder as `enter_moved` (store/files) does. So
// links in a folder that others may write lead only to files inside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_info.hpp"
#include "os/fs.hpp"
#include "os/users.hpp"
#include "source/blob_index.hpp"
#include "source/source.hpp"

namespace hfaudit {

class LocalSource final : public PullSource {
 public:
  // `path`: a home (with `hub/` in it), a hub cache, or else a --local-dir; links in it are
  // followed. `recipient`: os::recipient_of() the cache that the content is for; files that are
  // closed to this user are ignored. Errors: opening the folder failed.
  [[nodiscard]] static Result<std::unique_ptr<LocalSource>> open(
      const std::string& path, std::shared_ptr<const os::CacheUser> recipient);
  // The same for a folder that is known to be a hub cache, also while it is empty.
  [[nodiscard]] static Result<std::unique_ptr<LocalSource>> open_hub(
      const std::string& path, std::shared_ptr<const os::CacheUser> recipient);

  [[nodiscard]] const std::string& shown() const override { return path_; }
  [[nodiscard]] Result<SourceListing> find(const RepoId& repo,
                                           const std::optional<std::string>& revision) override;

  // Calls `take` for each file of the right size that may hold the content, best first, until it
  // returns true; so does this function then. Files whose keys are in `offered` are skipped; the
  // keys of the others are added to it. Any thread.
  [[nodiscard]] bool offer_content(const RepoId& repo, const std::string& commit,
                                   const TreeFile& file, std::vector<FileKey>& offered,
                                   const std::function<bool(std::unique_ptr<os::File>)>& take);

  // A blob that this process has made there since.
  void note_blob(const RepoId& repo, const std::string& etag) { index_.add(etag, repo.folder()); }

 private:
  enum class Kind : std::uint8_t { hub, local_dir };
  using Opened = std::unique_ptr<os::File>;

  LocalSource(std::string path, os::Directory root, Kind kind,
              std::shared_ptr<const os::CacheUser> recipient)
      : path_(std::move(path)),
        root_(std::move(root)),
        kind_(kind),
        recipient_(std::move(recipient)) {}

  [[nodiscard]] Result<SourceListing> find_in_hub(const RepoId& repo,
                                                  const std::optional<std::string>& revision);
  [[nodiscard]] Result<SourceListing> find_in_local_dir(const RepoId& repo,
                                                        const std::optional<std::string>& revision);
  // A folder in a repo's; its user may have moved either to another disk.
  [[nodiscard]] Result<os::Directory> open_repo_folder(const std::string& folder,
                                                       const std::string& name) const;
  [[nodiscard]] Opened open_file(const std::string& path) const;  // below the root
  [[nodiscard]] std::optional<Tree> read_cached_tree(const RepoId& repo,
                                                     const std::string& commit) const;
  [[nodiscard]] Opened open_blob(const std::string& folder, const std::string& etag) const;
  [[nodiscard]] Opened open_payload(const std::string& xet_hash) const;
  // The file at this path of a snapshot: a copy, or the blob that a link names.
  [[nodiscard]] Opened open_entry(const os::Directory& snapshots, const std::string& folder,
                                  const std::string& commit, const std::string& path) const;
  // The snapshots of a repo, this one first.
  [[nodiscard]] static std::vector<std::string> commits_of(const os::Directory& snapshots,
                                                           const std::string& first);
  [[nodiscard]] bool may_use(const os::File& file) const;

  std::string path_;
  os::Directory root_;
  Kind kind_;
  std::shared_ptr<const os::CacheUser> recipient_;
  BlobIndex index_;
};

}  // namespace hfaudit
