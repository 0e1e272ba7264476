// A repo in a hub cache: the ref, the cached listing, blobs and their entries.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "cache/blob_name.hpp"
#include "listings/tree_text.hpp"
#include "os/processes.hpp"
#include "os/write_fs.hpp"
#include "store/cache_repo_store.hpp"
#include "store/files.hpp"
#include "store/lock.hpp"
#include "store/partial_writer.hpp"
#include "store/store.hpp"
#include "store/stored_partial_file.hpp"

namespace hfaudit {
namespace {

class CachePartialFile final : public StoredPartialFile {
 public:
  CachePartialFile(std::shared_ptr<CacheRepoStore> repo_store, TreeFile file, bool replace,
                   HeldLocks locks, PartialWriter writer)
      : StoredPartialFile(std::move(file), replace, std::move(locks), std::move(writer)),
        repo_store_(std::move(repo_store)) {}

  [[nodiscard]] Result<void> restart() override {
    return prefix_error(blobs_path(), writer_.restart());
  }
  [[nodiscard]] Result<FileState> commit() override;
  [[nodiscard]] Result<std::string> reject() override;

 private:
  [[nodiscard]] std::string blobs_path() const { return repo_store_->path() + "/blobs"; }
  [[nodiscard]] Result<void> keep_evidence();

  std::shared_ptr<CacheRepoStore> repo_store_;
};

// An entry with the blob's name but other content. A link is replaced as it is: its target stays.
Result<void> CachePartialFile::keep_evidence() {
  const auto found = stat_if_there(repo_store_->blobs(), file_.etag());
  if (!found) return tl::unexpected<Error>(found.error());
  const auto& there = *found;
  if (!there || there->type != FileType::regular) return {};
  if (!replace_ && there->size == file_.size) return {};  // another process was quicker
  return set_aside(repo_store_->blobs(), file_.etag(), repo_store_->blobs(),
                   evidence_name(file_.etag()));
}

Result<FileState> CachePartialFile::commit() {
  if (!placed_) {
    auto done = writer_.seal(file_.size);
    if (done) done = keep_evidence();
    if (done) done = writer_.move_to(repo_store_->blobs(), file_.etag());
    if (!done) return tl::unexpected<Error>(prefix_error(blobs_path(), std::move(done)).error());
    placed_ = true;
    if (!replace_ && locks_.excludes) repo_store_->publish(file_);
  }
  const auto blob = replace_ ? CacheRepoStore::Blob::remade : CacheRepoStore::Blob::made;
  if (auto entry = repo_store_->place_entry(file_, blob); !entry)
    return tl::unexpected<Error>(entry.error());
  auto state = repo_store_->inspect(file_);
  if (state && !state->present) {
    return failure("finish", repo_store_->path() + "/blobs/" + file_.etag(),
                   "it was removed meanwhile", ENOENT);
  }
  if (state && locks_.excludes && state->key == writer_.key())
    remove_leftovers(repo_store_->leftovers(), file_.etag());
  return state;
}

Result<std::string> CachePartialFile::reject() {
  const auto name = evidence_name(file_.etag());
  auto moved = prefix_error(blobs_path(), writer_.move_to(repo_store_->blobs(), name));
  if (!moved) return tl::unexpected<Error>(moved.error());
  return blobs_path() + "/" + name;
}

class CacheStore final : public Store {
 public:
  CacheStore(std::shared_ptr<CacheRepoStore> repo_store, std::string revision)
      : repo_store_(std::move(repo_store)), revision_(std::move(revision)) {}

  [[nodiscard]] Result<void> prepare(const Tree& listing) override;
  [[nodiscard]] Result<FileState> inspect(const TreeFile& file) override;
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(const TreeFile& file) override;
  [[nodiscard]] Result<BeginResult> begin(const TreeFile& file, BeginOptions options) override;
  [[nodiscard]] std::optional<FileState> reuse(const TreeFile& file) override;
  [[nodiscard]] Result<void> link(const TreeFile& file) override;
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() override;

 private:
  [[nodiscard]] Result<void> put_ref();
  [[nodiscard]] Result<void> put_tree(const Tree& tree);
  [[nodiscard]] std::vector<LockLocation> lock_locations(const std::string& etag) const;

  std::shared_ptr<CacheRepoStore> repo_store_;
  std::string revision_;
  os::Processes processes_{may_be_partial};
};

Result<void> CacheStore::prepare(const Tree& listing) {
  if (auto opened = repo_store_->open(Folders::made); !opened) return opened;
  repo_store_->know_listing(listing);
  put_cache_tag(repo_store_->hub());
  if (auto put = put_ref(); !put)
    return prefix_error(repo_store_->path() + "/refs", std::move(put));
  return put_tree(listing);
}

// Exactly the hash: Python's client reads it without stripping.
Result<void> CacheStore::put_ref() {
  if (revision_ == repo_store_->commit()) return {};
  const auto refs = enter(repo_store_->repo(), "refs", Folders::made);
  if (!refs) return tl::unexpected<Error>(refs.error());
  std::string name;
  const auto folder = enter_folder_of(*refs, revision_, Folders::made, name);
  if (!folder) return tl::unexpected<Error>(folder.error());
  return put_text(*folder, name, repo_store_->commit());
}

// A help for later, to the clients and to us: one that fails to be written is left out, unless a
// foreign file stands in its way.
Result<void> CacheStore::put_tree(const Tree& tree) {
  if (!tree.whole) return {};
  const auto trees =
      prefix_error(repo_store_->path(), enter(repo_store_->repo(), "trees", Folders::made));
  if (!trees && trees.error().code == ELOOP) return tl::unexpected<Error>(trees.error());
  if (trees) (void)put_text(*trees, repo_store_->commit() + ".json", tree_text(tree));
  return {};
}

Result<FileState> CacheStore::inspect(const TreeFile& file) {
  if (auto opened = repo_store_->open(Folders::existing); !opened) {
    if (os::is_absent(opened.error())) return FileState{};
    return tl::unexpected<Error>(opened.error());
  }
  auto state = repo_store_->inspect(file);
  if (!state || state->present) return state;
  if (const auto best =
          longest_leftover(repo_store_->leftovers(), file.etag(), file.etag(), file.size))
    state->prefix = best->prefix;
  return state;
}

Result<std::unique_ptr<os::File>> CacheStore::open(const TreeFile& file) {
  if (auto opened = repo_store_->open(Folders::existing); !opened) {
    if (os::is_absent(opened.error())) return std::unique_ptr<os::File>();
    return tl::unexpected<Error>(opened.error());
  }
  return repo_store_->open_content(file);
}

std::vector<LockLocation> CacheStore::lock_locations(const std::string& etag) const {
  using Make = os::LockFile::Make;
  std::vector<LockLocation> found;
  std::shared_ptr<const os::Directory> ours;
  std::shared_ptr<const os::Directory> swift;  // swift-huggingface's lie one level deeper
  if (const auto locks = enter(repo_store_->hub(), ".locks", Folders::made)) {
    if (auto folder = enter(*locks, repo_store_->folder(), Folders::made)) {
      if (auto inner = folder->open_directory("blobs"))
        swift = std::make_shared<const os::Directory>(std::move(*inner));
      ours = std::make_shared<const os::Directory>(std::move(*folder));
    }
  }
  const auto name = etag + ".lock";
  found.push_back({ours, name, Make::if_missing});                    // huggingface_hub, hf-hub 1
  found.push_back({repo_store_->shared_blobs(), name, Make::never});  // hf-hub 0.4 and 0.5
  found.push_back({swift, name, Make::never});
  return found;
}

Result<BeginResult> CacheStore::begin(const TreeFile& file, BeginOptions options) {
  if (auto opened = repo_store_->open(Folders::made); !opened)
    return tl::unexpected<Error>(opened.error());
  if (auto made = repo_store_->make_snapshot(); !made) return tl::unexpected<Error>(made.error());
  BeginResult begun;
  auto locks = take_locks(lock_locations(file.etag()), processes_);
  // with the lock: another process may have completed it meanwhile
  const auto state = repo_store_->inspect(file);
  if (!state) return tl::unexpected<Error>(state.error());
  begun.present = state->present && !options.replace;
  if (locks.other) begun.holder = *locks.other;
  if (begun.present || (locks.other && !options.despite_lock)) return begun;

  PartialWriter::Request request{
      repo_store_->shared_blobs(), file.etag(), file.size, locks.excludes,
      options.despite_lock,        std::nullopt};
  request.best = longest_leftover(repo_store_->leftovers(), file.etag(), file.etag(), file.size);
  auto partial_file = PartialWriter::make(request);
  if (!partial_file)
    return tl::unexpected<Error>(
        prefix_error(repo_store_->path() + "/blobs", std::move(partial_file)).error());
  if (!*partial_file) return begun;
  begun.partial_file = std::make_unique<CachePartialFile>(
      repo_store_, file, options.replace, std::move(locks), std::move(**partial_file));
  return begun;
}

std::optional<FileState> CacheStore::reuse(const TreeFile& file) {
  if (!repo_store_->open(Folders::made)) return std::nullopt;
  auto locks = take_locks(lock_locations(file.etag()), processes_);
  if (locks.other || !repo_store_->link_payload(file)) return std::nullopt;
  const auto entry = repo_store_->place_entry(file, CacheRepoStore::Blob::found);
  const auto state = repo_store_->inspect(file);
  if (!entry || !state || !state->present) return std::nullopt;
  // Of a download that could not be finished.
  if (locks.excludes) remove_leftovers(repo_store_->leftovers(), file.etag());
  return *state;
}

Result<void> CacheStore::link(const TreeFile& file) {
  if (auto opened = repo_store_->open(Folders::existing); !opened) return opened;
  return repo_store_->place_entry(file, CacheRepoStore::Blob::found);
}

std::optional<std::uint64_t> CacheStore::free_bytes() {
  if (repo_store_->is_open()) return repo_store_->blobs().free_bytes();
  return free_bytes_at(repo_store_->path() + "/blobs");
}

}  // namespace

Result<std::unique_ptr<Store>> open_cache_store(const Layout& layout, const RepoId& repo,
                                                const std::string& revision,
                                                const std::string& commit, StoreOptions options) {
  if (!is_commit_hash(commit))
    return failure("open", repo.name(), "the Hub names a commit that is no hash");
  if (!is_safe_relative_path(revision))
    return failure("open", repo.name(), "not a name that a revision can have: " + revision);
  auto repo_store = std::make_shared<CacheRepoStore>(layout.hub_cache.path, repo, commit, options);
  return std::make_unique<CacheStore>(std::move(repo_store), revision);
}

}  // namespace hfaudit
