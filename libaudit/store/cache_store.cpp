// A repo in a hub cache: the ref, the cached listing, blobs and their entries.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "cache/blob_name.hpp"
#include "listings/tree_text.hpp"
#include "os/processes.hpp"
#include "os/write_fs.hpp"
#include "store/cache_places.hpp"
#include "store/draft.hpp"
#include "store/files.hpp"
#include "store/lock.hpp"
#include "store/store.hpp"

namespace hfaudit {
namespace {

class CacheDraft final : public Draft {
 public:
  CacheDraft(std::shared_ptr<CachePlaces> places, TreeFile file, bool replace, HeldLocks locks, DraftFile draft)
      : places_(std::move(places)),
        file_(std::move(file)),
        replace_(replace),
        locks_(std::move(locks)),
        draft_(std::move(draft)) {}

  [[nodiscard]] int fd() const override { return draft_.fd(); }
  [[nodiscard]] std::uint64_t prefix() const override { return draft_.prefix(); }
  [[nodiscard]] Result<void> restart() override { return below(blobs_path(), draft_.restart()); }
  [[nodiscard]] Result<FileState> commit() override;
  [[nodiscard]] Result<std::string> reject() override;

 private:
  [[nodiscard]] std::string blobs_path() const { return places_->path() + "/blobs"; }
  [[nodiscard]] Result<void> keep_evidence();

  std::shared_ptr<CachePlaces> places_;
  TreeFile file_;
  bool replace_;
  bool placed_ = false;  // the blob has its name; only the entry is left to do
  HeldLocks locks_;
  DraftFile draft_;  // closed before the locks go
};

// What has the blob's name and is not its content. A link is replaced as it is: what it leads to stays.
Result<void> CacheDraft::keep_evidence() {
  const auto there = places_->blobs().stat(file_.etag());
  if (!there || there->type != FileType::regular) return {};
  if (!replace_ && there->size == file_.size) return {};  // somebody was quicker; it is the same
  return set_aside(places_->blobs(), file_.etag(), places_->blobs(), evidence_name(file_.etag()));
}

Result<FileState> CacheDraft::commit() {
  if (!placed_) {
    auto done = draft_.seal(file_.size);
    if (done) done = keep_evidence();
    if (done) done = draft_.move_to(places_->blobs(), file_.etag());
    if (!done) return tl::unexpected<Error>(below(blobs_path(), std::move(done)).error());
    placed_ = true;
  }
  const auto blob = replace_ ? CachePlaces::Blob::remade : CachePlaces::Blob::made;
  if (auto entry = places_->place_entry(file_, blob); !entry) return tl::unexpected<Error>(entry.error());
  auto state = places_->look(file_);
  if (state && !state->present) {
    return failure("finish", places_->path() + "/blobs/" + file_.etag(), "it has gone again", ENOENT);
  }
  if (state && locks_.excludes && state->key == draft_.key()) remove_leftovers(places_->leftovers(), file_.etag());
  return state;
}

Result<std::string> CacheDraft::reject() {
  const auto name = evidence_name(file_.etag());
  auto moved = below(blobs_path(), draft_.move_to(places_->blobs(), name));
  if (!moved) return tl::unexpected<Error>(moved.error());
  return blobs_path() + "/" + name;
}

class CacheStore final : public Store {
 public:
  CacheStore(std::shared_ptr<CachePlaces> places, std::string revision)
      : places_(std::move(places)), revision_(std::move(revision)) {}

  [[nodiscard]] Result<void> prepare(const Tree& whole_tree) override;
  [[nodiscard]] Result<FileState> look(const TreeFile& file) override;
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(const TreeFile& file) override;
  [[nodiscard]] Result<Begun> begin(const TreeFile& file, bool replace, bool despite_lock) override;
  [[nodiscard]] Result<void> link(const TreeFile& file) override;
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() override;

 private:
  [[nodiscard]] Result<void> put_ref();
  [[nodiscard]] Result<void> put_tree(const Tree& tree);
  [[nodiscard]] std::vector<LockPlace> lock_places(const std::string& etag) const;

  std::shared_ptr<CachePlaces> places_;
  std::string revision_;
  os::Processes processes_{may_be_partial};
};

Result<void> CacheStore::prepare(const Tree& whole_tree) {
  if (auto opened = places_->open(Folders::made); !opened) return opened;
  put_cache_tag(places_->hub());
  if (auto put = put_ref(); !put) return below(places_->path() + "/refs", std::move(put));
  return put_tree(whole_tree);
}

// Exactly the hash: Python's client reads it without stripping.
Result<void> CacheStore::put_ref() {
  if (revision_ == places_->commit()) return {};
  const auto refs = enter(places_->repo(), "refs", Folders::made);
  if (!refs) return tl::unexpected<Error>(refs.error());
  std::string name;
  const auto folder = enter_folder_of(*refs, revision_, Folders::made, name);
  if (!folder) return tl::unexpected<Error>(folder.error());
  return put_text(*folder, name, places_->commit());
}

// A help for later, to the clients and to us: one that cannot be written is done without, unless something stands
// in its way that should not be there.
Result<void> CacheStore::put_tree(const Tree& tree) {
  const auto trees = below(places_->path(), enter(places_->repo(), "trees", Folders::made));
  if (!trees && trees.error().code == ELOOP) return tl::unexpected<Error>(trees.error());
  if (trees) (void)put_text(*trees, places_->commit() + ".json", tree_text(tree));
  return {};
}

Result<FileState> CacheStore::look(const TreeFile& file) {
  if (auto opened = places_->open(Folders::existing); !opened) {
    if (os::is_absent(opened.error())) return FileState{};
    return tl::unexpected<Error>(opened.error());
  }
  auto state = places_->look(file);
  if (!state || state->present) return state;
  if (const auto best = longest_leftover(places_->leftovers(), file.etag(), file.etag(), file.size))
    state->prefix = best->prefix;
  return state;
}

Result<std::unique_ptr<os::File>> CacheStore::open(const TreeFile& file) {
  if (auto opened = places_->open(Folders::existing); !opened) {
    if (os::is_absent(opened.error())) return std::unique_ptr<os::File>();
    return tl::unexpected<Error>(opened.error());
  }
  return places_->open_content(file);
}

std::vector<LockPlace> CacheStore::lock_places(const std::string& etag) const {
  using Make = os::LockFile::Make;
  std::vector<LockPlace> found;
  std::shared_ptr<const os::Directory> ours;
  std::shared_ptr<const os::Directory> swift;  // swift-huggingface's lie one level deeper
  if (const auto locks = enter(places_->hub(), ".locks", Folders::made)) {
    if (auto folder = enter(*locks, places_->folder(), Folders::made)) {
      if (auto inner = folder->open_directory("blobs"))
        swift = std::make_shared<const os::Directory>(std::move(*inner));
      ours = std::make_shared<const os::Directory>(std::move(*folder));
    }
  }
  const auto name = etag + ".lock";
  found.push_back({ours, name, Make::if_missing});                // huggingface_hub, hf-hub 1
  found.push_back({places_->shared_blobs(), name, Make::never});  // hf-hub 0.4 and 0.5
  found.push_back({swift, name, Make::never});
  return found;
}

Result<Begun> CacheStore::begin(const TreeFile& file, bool replace, bool despite_lock) {
  if (auto opened = places_->open(Folders::made); !opened) return tl::unexpected<Error>(opened.error());
  if (auto made = places_->make_snapshot(); !made) return tl::unexpected<Error>(made.error());
  Begun begun;
  auto locks = take_locks(lock_places(file.etag()), processes_);
  const auto state = places_->look(file);  // with the lock: somebody may have completed it meanwhile
  if (!state) return tl::unexpected<Error>(state.error());
  begun.present = state->present && !replace;
  if (locks.other) begun.holder = *locks.other;
  if (begun.present || (locks.other && !despite_lock)) return begun;

  DraftFile::Request request{places_->shared_blobs(), file.etag(),  file.size,
                             locks.excludes,          despite_lock, std::nullopt};
  request.best = longest_leftover(places_->leftovers(), file.etag(), file.etag(), file.size);
  auto draft = DraftFile::make(request);
  if (!draft) return tl::unexpected<Error>(below(places_->path() + "/blobs", std::move(draft)).error());
  if (!*draft) return begun;
  begun.draft = std::make_unique<CacheDraft>(places_, file, replace, std::move(locks), std::move(**draft));
  return begun;
}

Result<void> CacheStore::link(const TreeFile& file) {
  if (auto opened = places_->open(Folders::existing); !opened) return opened;
  return places_->place_entry(file, CachePlaces::Blob::found);
}

std::optional<std::uint64_t> CacheStore::free_bytes() {
  if (places_->is_open()) return places_->blobs().free_bytes();
  return free_bytes_at(places_->path() + "/blobs");
}

}  // namespace

Result<std::unique_ptr<Store>> open_cache_store(const Layout& layout, const RepoId& repo,
                                                const std::string& revision, const std::string& commit,
                                                bool symlinks) {
  if (!is_commit_hash(commit)) return failure("open", repo.name(), "the Hub names a commit that is no hash");
  if (!is_safe_relative_path(revision))
    return failure("open", repo.name(), "not a name that a revision can have: " + revision);
  auto places = std::make_shared<CachePlaces>(layout.hub_cache.path, repo, commit, symlinks);
  return std::make_unique<CacheStore>(std::move(places), revision);
}

}  // namespace hfaudit
