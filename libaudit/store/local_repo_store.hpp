// A --local-dir and the client's notes in it:
//   <dir>/<path>                                                      the file
//   <dir>/.cache/huggingface/download/<path>.metadata                 commit, etag and time, a line
//   each <dir>/.cache/huggingface/download/<path>.lock
//   <dir>/.cache/huggingface/download/<folder>/<hash>.<etag>.hfaudit.incomplete
// where <folder> is the path's and <hash> is base64url(sha1("<last component>.metadata")), as
// huggingface_hub >= 0.28 names its own: so the longest name that a file can have leaves room for
// an etag.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "hfaudit/result.hpp"
#include "listings/listings.hpp"
#include "os/fs.hpp"
#include "store/adopt.hpp"
#include "store/files.hpp"
#include "store/store.hpp"

namespace hfaudit {

class LocalRepoStore {
 public:
  LocalRepoStore(std::string root, std::string commit)
      : root_path_(std::move(root)), commit_(std::move(commit)) {}

  // The folder itself, and the notes. ENOENT: they are absent.
  [[nodiscard]] Result<void> open(Folders folders);
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] bool has_root() const;  // at least the folder, if the notes are absent
  [[nodiscard]] const os::Directory& root() const { return *root_; }    // valid once they are open
  [[nodiscard]] const os::Directory& notes() const { return *notes_; }  // .cache/huggingface
  [[nodiscard]] const std::string& path() const { return root_path_; }
  [[nodiscard]] const std::string& commit() const { return commit_; }

  // Files of the listing that are called as notes of a downloader are no notes.
  void know_listing(const Tree& tree);
  // The suffix of the notes that aria2, axel or lftp have beside an unfinished file, or empty; a
  // file of the listing by that name is excluded.
  [[nodiscard]] Result<std::string> notes_of_downloader(const os::Directory& folder,
                                                        const std::string& path) const;

  // Where a file's notes are; `name` is its last component.
  struct Notes {
    std::shared_ptr<LeftoverNames> leftovers;  // download/<folder>, and the partials in it
    std::string name;
    std::string stem;  // `<hash>.<etag>`

    [[nodiscard]] const std::shared_ptr<const os::Directory>& folder() const {
      return leftovers->folder();
    }
    [[nodiscard]] std::string metadata() const { return name + ".metadata"; }
    [[nodiscard]] std::string lock() const { return name + ".lock"; }
  };
  [[nodiscard]] Result<Notes> notes_of(const TreeFile& file, Folders folders);
  [[nodiscard]] std::string notes_path(const TreeFile& file) const;  // of the folder, for messages

  [[nodiscard]] Result<FileState> inspect(const TreeFile& file);
  [[nodiscard]] std::optional<Leftover> longest_partial(const TreeFile& file);
  // The folder that the file stands in.
  [[nodiscard]] Result<os::Directory> folder_of(const TreeFile& file, Folders folders,
                                                std::string& name) const;
  // The file has the content of this etag on the Hub, as of now.
  [[nodiscard]] Result<void> put_metadata(const TreeFile& file);
  // A user's own file: the clients' note on it is missing, or it was changed after that.
  [[nodiscard]] Result<bool> is_users_own(const TreeFile& file);

 private:
  [[nodiscard]] std::optional<LocalMetadata> metadata_of(const TreeFile& file);
  [[nodiscard]] std::shared_ptr<LeftoverNames> names_in(const std::string& key,
                                                        os::Directory folder);

  std::string root_path_, commit_;
  std::set<std::string, std::less<>> listed_notes_;  // paths
  mutable std::mutex mutex_;  // guards only the creation of the following members
  std::optional<os::Directory> root_, notes_;
  // by folder, as listed once a second each
  std::map<std::string, std::shared_ptr<LeftoverNames>> leftovers_;
};

// base64url(sha1(text)), padded: 28 characters. Fails without OpenSSL.
[[nodiscard]] Result<std::string> short_hash(const std::string& text);

}  // namespace hfaudit
