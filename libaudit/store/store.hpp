// Where a pull puts a repo: a hub cache in the layout of the Hub's clients, or a --local-dir.
//
// A file goes through four steps: inspect() (is it there?), begin() (the lock of the clients, and a
// partial file of our own with the prefix that is there already), bytes appended by the caller, and
// PartialFile::commit() (size, fsync, rename, link). Every path is opened by descriptor from the
// root that the user named, without following links; an obstacle there (a link where a folder
// should be) is an error that names it. Only partials of content that is there by then are removed,
// and an older version in a --local-dir, as the client does it; wrong content is kept aside.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cache/inventory.hpp"
#include "download/partial_file.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"
#include "listings/listings.hpp"
#include "os/fs.hpp"

namespace hfaudit {

struct BeginOptions {
  // The present file has the wrong content. It stays until commit(), which sets it aside first.
  bool replace = false;
  // The holder of the lock has been stalled for too long: a partial file of another name is made.
  bool despite_lock = false;
};

class Store {
 public:
  virtual ~Store() = default;

  // Folders, CACHEDIR.TAG, the ref, and of a whole listing trees/<commit>.json. Before the first
  // file. The listing outlives the store.
  [[nodiscard]] virtual Result<void> prepare(const Tree& listing) = 0;
  [[nodiscard]] virtual Result<FileState> inspect(const TreeFile& file) = 0;
  // The content of a file that is present; null: it has gone.
  [[nodiscard]] virtual Result<std::unique_ptr<os::File>> open(const TreeFile& file) = 0;
  [[nodiscard]] virtual Result<BeginResult> begin(const TreeFile& file, BeginOptions options) = 0;
  // An absent file is linked to content of the cache's shared store, after it was hashed. Returns
  // the state then; nullopt: the store lacks it.
  [[nodiscard]] virtual std::optional<FileState> reuse(const TreeFile& file) = 0;
  // The entry of a file whose content is present: made where it is missing or leads elsewhere.
  [[nodiscard]] virtual Result<void> link(const TreeFile& file) = 0;
  // Bytes that can still be written; nullopt: unknown.
  [[nodiscard]] virtual std::optional<std::uint64_t> free_bytes() = 0;
};

struct StoreOptions {
  // false where HF_HUB_DISABLE_SYMLINKS says so. Then, and on a file system without links, a new
  // blob is moved to its entry, as the clients do, and one that was there is copied.
  bool symlinks = true;
  // Content goes into the shared store, where a client has made one.
  bool shared_store = true;
};

// Without I/O. `revision` is the name of the ref ("main"); with a commit hash the ref is left out.
// Any number of threads may use a store, each for another etag: the lock of a blob does not exclude
// a second thread of the process that holds it. Errors: a commit or revision of an impossible form.
[[nodiscard]] Result<std::unique_ptr<Store>> open_cache_store(const Layout& layout,
                                                              const RepoId& repo,
                                                              const std::string& revision,
                                                              const std::string& commit,
                                                              StoreOptions options = {});
// The same; a --local-dir lacks refs.
[[nodiscard]] Result<std::unique_ptr<Store>> open_local_store(const std::string& local_dir,
                                                              const RepoId& repo,
                                                              const std::string& commit);

}  // namespace hfaudit
