// A repo in a --local-dir: the files under their own names, and notes on them where the client has
// its own.
#include <cerrno>
#include <utility>

#include "cache/blob_name.hpp"
#include "listings/tree_text.hpp"
#include "os/processes.hpp"
#include "os/write_fs.hpp"
#include "store/files.hpp"
#include "store/local_repo_store.hpp"
#include "store/lock.hpp"
#include "store/partial_writer.hpp"
#include "store/store.hpp"
#include "store/stored_partial_file.hpp"

namespace hfaudit {
namespace {

class LocalPartialFile final : public StoredPartialFile {
 public:
  LocalPartialFile(std::shared_ptr<LocalRepoStore> repo_store, TreeFile file, bool replace,
                   HeldLocks locks, PartialWriter writer)
      : StoredPartialFile(std::move(file), replace, std::move(locks), std::move(writer)),
        repo_store_(std::move(repo_store)) {}

  [[nodiscard]] Result<void> restart() override {
    return prefix_error(repo_store_->notes_path(file_), writer_.restart());
  }
  [[nodiscard]] Result<FileState> commit() override;
  [[nodiscard]] Result<std::string> reject() override;

 private:
  [[nodiscard]] Result<void> place();
  void tidy() const;

  std::shared_ptr<LocalRepoStore> repo_store_;
};

// An older version that a client has put there makes way, as it does for the client; all else is
// kept aside.
Result<void> LocalPartialFile::place() {
  if (auto sealed = writer_.seal(file_.size); !sealed)
    return prefix_error(repo_store_->notes_path(file_), std::move(sealed));
  std::string name;
  const auto folder = repo_store_->folder_of(file_, Folders::made, name);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const auto own = repo_store_->is_users_own(file_);
  if (!own) return tl::unexpected<Error>(own.error());
  const auto notes = repo_store_->notes_of(file_, Folders::made);
  if (!notes) return tl::unexpected<Error>(notes.error());
  const auto found = stat_if_there(*folder, name);
  if (!found) return tl::unexpected<Error>(found.error());
  const auto& there = *found;
  if (there && there->type == FileType::regular && (*own || replace_)) {
    auto aside = set_aside(*folder, name, *notes->folder(), evidence_name(notes->stem));
    if (!aside) return prefix_error(repo_store_->path(), std::move(aside));
  }
  if (auto moved = writer_.move_to(*folder, name); !moved)
    return prefix_error(repo_store_->path(), std::move(moved));
  // The notes of aria2 are of the replaced file. They may be another program's, so they are kept.
  const auto suffix = repo_store_->notes_of_downloader(*folder, file_.path);
  if (!suffix) return tl::unexpected<Error>(suffix.error());
  if (suffix->empty()) return {};
  return prefix_error(repo_store_->path(), os::rename(*folder, name + *suffix, *notes->folder(),
                                                      evidence_name(notes->stem + *suffix)));
}

Result<FileState> LocalPartialFile::commit() {
  if (!placed_) {
    if (auto done = place(); !done) return tl::unexpected<Error>(done.error());
    placed_ = true;
  }
  if (auto noted = repo_store_->put_metadata(file_); !noted)
    return tl::unexpected<Error>(noted.error());
  auto state = repo_store_->inspect(file_);
  if (state && !state->present)
    return failure("finish", repo_store_->path() + "/" + file_.path, "it was removed meanwhile",
                   ENOENT);
  if (state && locks_.excludes && state->key == writer_.key()) tidy();
  return state;
}

void LocalPartialFile::tidy() const {
  if (const auto notes = repo_store_->notes_of(file_, Folders::existing)) {
    remove_leftovers(*notes->leftovers, notes->stem);
    remove_leftovers(*notes->leftovers, notes->name + "." + file_.etag());
  }
}

Result<std::string> LocalPartialFile::reject() {
  const auto notes = repo_store_->notes_of(file_, Folders::made);
  if (!notes) return tl::unexpected<Error>(notes.error());
  const auto name = evidence_name(notes->stem);
  auto moved =
      prefix_error(repo_store_->notes_path(file_), writer_.move_to(*notes->folder(), name));
  if (!moved) return tl::unexpected<Error>(moved.error());
  return repo_store_->notes_path(file_) + "/" + name;
}

class LocalStore final : public Store {
 public:
  explicit LocalStore(std::shared_ptr<LocalRepoStore> repo_store)
      : repo_store_(std::move(repo_store)) {}

  [[nodiscard]] Result<void> prepare(const Tree& listing) override;
  [[nodiscard]] Result<FileState> inspect(const TreeFile& file) override;
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(const TreeFile& file) override;
  [[nodiscard]] Result<BeginResult> begin(const TreeFile& file, BeginOptions options) override;
  [[nodiscard]] std::optional<FileState> reuse(const TreeFile&) override { return std::nullopt; }
  [[nodiscard]] Result<void> link(const TreeFile& file) override;
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() override;

 private:
  [[nodiscard]] Result<bool> is_there();

  std::shared_ptr<LocalRepoStore> repo_store_;
  os::Processes processes_{may_be_partial};
};

// A folder without notes may hold the files all the same: then the notes are made, when something
// is to be noted.
Result<bool> LocalStore::is_there() {
  auto opened = repo_store_->open(Folders::existing);
  if (opened) return true;
  if (!os::is_absent(opened.error())) return tl::unexpected<Error>(opened.error());
  return repo_store_->has_root();
}

Result<void> LocalStore::prepare(const Tree& listing) {
  repo_store_->know_listing(listing);
  if (auto opened = repo_store_->open(Folders::made); !opened) return opened;
  put_cache_tag(repo_store_->notes());
  (void)put_text_once(repo_store_->notes(), ".gitignore", "*");
  if (!listing.whole) return {};
  const auto trees = prefix_error(repo_store_->path() + "/.cache/huggingface",
                                  enter(repo_store_->notes(), "trees", Folders::made));
  if (!trees && trees.error().code == ELOOP) return tl::unexpected<Error>(trees.error());
  if (trees) (void)put_text(*trees, repo_store_->commit() + ".json", tree_text(listing));
  return {};
}

Result<FileState> LocalStore::inspect(const TreeFile& file) {
  const auto there = is_there();
  if (!there) return tl::unexpected<Error>(there.error());
  if (!*there) return FileState{};
  auto state = repo_store_->inspect(file);
  if (!state || state->present) return state;
  if (const auto best = repo_store_->longest_partial(file)) state->prefix = best->prefix;
  return state;
}

Result<std::unique_ptr<os::File>> LocalStore::open(const TreeFile& file) {
  const auto there = is_there();
  if (!there) return tl::unexpected<Error>(there.error());
  if (!*there) return std::unique_ptr<os::File>();
  std::string name;
  const auto folder = repo_store_->folder_of(file, Folders::existing, name);
  auto opened = folder
                    ? prefix_error(repo_store_->path(), folder->open_file(name, os::Links::follow))
                    : tl::unexpected<Error>(folder.error());
  if (!opened && os::is_absent(opened.error())) return std::unique_ptr<os::File>();
  return opened;
}

Result<BeginResult> LocalStore::begin(const TreeFile& file, BeginOptions options) {
  if (auto opened = repo_store_->open(Folders::made); !opened)
    return tl::unexpected<Error>(opened.error());
  const auto notes = repo_store_->notes_of(file, Folders::made);
  if (!notes) return tl::unexpected<Error>(notes.error());
  BeginResult begun;
  auto locks =
      take_locks({{notes->folder(), notes->lock(), os::LockFile::Make::if_missing}}, processes_);
  const auto state = repo_store_->inspect(file);
  if (!state) return tl::unexpected<Error>(state.error());
  begun.present = state->present && !options.replace;
  if (locks.other) begun.holder = *locks.other;
  if (begun.present || (locks.other && !options.despite_lock)) return begun;

  PartialWriter::Request request{notes->folder(), notes->stem,          file.size,
                                 locks.excludes,  options.despite_lock, std::nullopt};
  request.best = repo_store_->longest_partial(file);
  auto partial_file = PartialWriter::make(request);
  if (!partial_file)
    return tl::unexpected<Error>(
        prefix_error(repo_store_->notes_path(file), std::move(partial_file)).error());
  if (!*partial_file) return begun;
  begun.partial_file = std::make_unique<LocalPartialFile>(
      repo_store_, file, options.replace, std::move(locks), std::move(**partial_file));
  return begun;
}

Result<void> LocalStore::link(const TreeFile& file) {
  if (auto opened = repo_store_->open(Folders::made); !opened) return opened;
  return repo_store_->put_metadata(file);
}

std::optional<std::uint64_t> LocalStore::free_bytes() {
  return repo_store_->is_open() ? repo_store_->root().free_bytes()
                                : free_bytes_at(repo_store_->path());
}

}  // namespace

Result<std::unique_ptr<Store>> open_local_store(const std::string& local_dir, const RepoId& repo,
                                                const std::string& commit) {
  if (!is_commit_hash(commit))
    return failure("open", repo.name(), "the Hub names a commit that is no hash");
  return std::make_unique<LocalStore>(std::make_shared<LocalRepoStore>(local_dir, commit));
}

}  // namespace hfaudit
