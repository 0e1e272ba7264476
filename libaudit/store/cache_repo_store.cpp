#include "store/cache_repo_store.hpp"

#include <algorithm>
#include <cerrno>

#include "cache/link_target.hpp"
#include "listings/reserved_path.hpp"
#include "os/root_path.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"
#include "scan/walk.hpp"
#include "store/shared_store.hpp"

namespace hfaudit {
namespace {

// A blob's link into the shared store, `blobs/<first two>/<64 hex>` below the hub. Any other link
// is foreign.
bool leads_into_store(const std::string& etag, const std::string& text) {
  const auto target = resolve_link("blobs/" + etag, text);
  constexpr std::string_view root = "blobs/";
  constexpr std::size_t shard = 3;  // "ab/"
  if (target.absolute || target.above != 1 || !target.path.starts_with(root)) return false;
  const auto rest = std::string_view(target.path).substr(root.size());
  return rest.size() > shard && is_sha256(rest.substr(shard)) &&
         rest.substr(shard, 2) == rest.substr(0, 2) && rest[2] == '/';
}

Result<std::optional<FileInfo>> none_if_absent(const Error& error) {
  if (os::is_absent(error)) return std::optional<FileInfo>();
  return tl::unexpected<Error>(error);
}

bool refuses_links(const Error& error) {
  return error.code == EPERM || error.code == EOPNOTSUPP || error.code == ENOSYS;
}

}  // namespace

bool CacheRepoStore::is_open() const {
  const std::scoped_lock lock(mutex_);
  return leftovers_ != nullptr;
}

Result<void> CacheRepoStore::open(Folders folders) {
  const std::scoped_lock lock(mutex_);
  if (leftovers_) return {};
  auto hub = folders == Folders::made ? os::make_root(hub_path_) : os::open_folder_at(hub_path_);
  if (!hub) return tl::unexpected<Error>(hub.error());
  auto repo = prefix_error(hub_path_, enter_moved(*hub, folder_, folders));
  if (!repo) return tl::unexpected<Error>(repo.error());
  auto blobs = prefix_error(path(), enter_moved(*repo, "blobs", folders));
  if (!blobs) return tl::unexpected<Error>(blobs.error());
  if (may_share_ && symlinks_) store_ = SharedStore::open(*hub);
  hub_ = std::move(*hub);
  repo_ = std::move(*repo);
  blobs_ = std::make_shared<const os::Directory>(std::move(*blobs));
  leftovers_ = std::make_unique<LeftoverNames>(blobs_);
  return {};
}

Result<std::shared_ptr<const os::Directory>> CacheRepoStore::snapshot(Folders folders) {
  const std::scoped_lock lock(mutex_);
  if (snapshot_) return snapshot_;
  const auto snapshots = prefix_error(path(), enter_moved(*repo_, "snapshots", folders));
  if (!snapshots) return tl::unexpected<Error>(snapshots.error());
  auto opened = prefix_error(path() + "/snapshots", enter(*snapshots, commit_, folders));
  if (!opened) return tl::unexpected<Error>(opened.error());
  snapshot_ = std::make_shared<const os::Directory>(std::move(*opened));
  return snapshot_;
}

Result<void> CacheRepoStore::make_snapshot() {
  return snapshot(Folders::made).map([](const auto&) {});
}

Result<os::Directory> CacheRepoStore::entry_folder(const TreeFile& file, Folders folders,
                                                   std::string& name) {
  const auto root = snapshot(folders);
  if (!root) return tl::unexpected<Error>(root.error());
  return prefix_error(path() + "/snapshots/" + commit_,
                      enter_folder_of(**root, file.path, folders, name));
}

Result<std::optional<os::Directory>> CacheRepoStore::no_exist_folder(const std::string& path,
                                                                     std::string& name) const {
  const auto where = this->path() + "/.no_exist";
  const auto none = [&](const Error& error) -> Result<std::optional<os::Directory>> {
    // a file or a link in the place of the folder is without markers
    if (os::is_absent(error) || error.code == ELOOP || error.code == EEXIST)
      return std::optional<os::Directory>();
    return tl::unexpected<Error>(
        prefix_error(where, Result<void>(tl::unexpected<Error>(error))).error());
  };
  const auto notes = repo_->open_directory(".no_exist");
  if (!notes) return none(notes.error());
  const auto commit = notes->open_directory(commit_);
  if (!commit) return none(commit.error());
  auto folder = enter_folder_of(*commit, path, Folders::existing, name);
  if (!folder) return none(folder.error());
  const auto marker = folder->stat(name);
  if (!marker) return none(marker.error());
  if (marker->type != FileType::regular) return std::optional<os::Directory>();
  return std::optional<os::Directory>(std::move(*folder));
}

Result<std::optional<FileInfo>> CacheRepoStore::blob(const std::string& etag) const {
  const std::optional<FileInfo> none;
  auto meta = blobs_->stat(etag);
  if (meta && meta->type == FileType::symlink) {
    const auto text = blobs_->read_link(etag);
    if (!text) return none_if_absent(text.error());
    if (!leads_into_store(etag, *text)) return none;
    meta = blobs_->stat_target(etag);
  }
  if (!meta) return prefix_error(path() + "/blobs", none_if_absent(meta.error()));
  return meta->type == FileType::regular ? std::optional<FileInfo>(*meta) : none;
}

Result<FileState> CacheRepoStore::inspect(const TreeFile& file) {
  FileState state;
  std::string name;
  const auto folder = entry_folder(file, Folders::existing, name);
  if (!folder && !os::is_absent(folder.error())) return tl::unexpected<Error>(folder.error());
  const auto found = folder ? stat_if_there(*folder, name) : std::optional<FileInfo>();
  if (!found) return tl::unexpected<Error>(found.error());
  const auto& entry = *found;
  std::string ignored;
  const auto marked = no_exist_folder(file.path, ignored);
  if (!marked) return tl::unexpected<Error>(marked.error());
  const bool hidden = marked->has_value();
  auto known = blob(file.etag());
  if (!known) return tl::unexpected<Error>(known.error());
  auto& content = *known;
  if (content && content->size != file.size) content.reset();
  if (entry && entry->type == FileType::regular && entry->size == file.size) {
    content = entry;
    state.linked = !hidden;
  } else if (entry && content && entry->type == FileType::symlink) {
    const auto target = folder->stat_target(name);
    if (!target && !os::is_absent(target.error()) && target.error().code != ELOOP)
      return tl::unexpected<Error>(target.error());
    state.linked = target && target->key == content->key && !hidden;
  }
  if (!content) return state;
  state.present = true;
  state.key = content->key;
  state.mtime_ns = content->mtime_ns;
  return state;
}

Result<std::unique_ptr<os::File>> CacheRepoStore::open_content(const TreeFile& file) {
  std::string name;
  if (const auto folder = entry_folder(file, Folders::existing, name)) {
    const auto entry = folder->stat(name);
    if (entry && entry->type == FileType::regular && entry->size == file.size)
      return folder->open_file(name);
  }
  const auto there = blob(file.etag());
  if (!there) return tl::unexpected<Error>(there.error());
  if (!*there) return std::unique_ptr<os::File>();
  auto opened = prefix_error(path() + "/blobs", blobs_->open_file(file.etag(), os::Links::follow));
  if (!opened && os::is_absent(opened.error())) return std::unique_ptr<os::File>();
  return opened;
}

bool CacheRepoStore::link_payload(const TreeFile& file) const {
  return store_ && symlinks_ && store_->link(*blobs_, folder_, file);
}

void CacheRepoStore::publish(const TreeFile& file) const {
  if (store_ && symlinks_) (void)store_->publish(*blobs_, folder_, file);
}

namespace {

// Whether a text file stands in place of the link: it is worthless, and the link may replace it.
bool holds_link_to(const os::Directory& folder, const std::string& name, const FileInfo& there,
                   const std::string& etag) {
  if (there.type != FileType::regular || !may_be_link_text(there.size)) return false;
  const auto bytes = folder.read_small(name, static_cast<std::size_t>(there.size) + 1);
  return bytes && blob_named_by(link_text_in(*bytes)) == etag;
}

}  // namespace

Result<void> CacheRepoStore::place_entry(const TreeFile& file, Blob blob) {
  // A cached listing is as untrusted as the Hub's.
  if (reserved_part_of(file.path).kind == Reserved::git)
    return failure("link", file.path, "its path belongs to git", EPERM);
  std::string name;
  const auto folder = entry_folder(file, Folders::made, name);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const auto state = inspect(file);
  if (!state) return tl::unexpected<Error>(state.error());
  const auto found = stat_if_there(*folder, name);
  if (!found) return tl::unexpected<Error>(found.error());
  const auto& there = *found;
  // It may be as long as the content that it leads to.
  const bool lost_link = there && holds_link_to(*folder, name, *there, file.etag());
  if (!state->linked || lost_link || blob != Blob::found) {
    if (there && there->type == FileType::regular && !lost_link &&
        (there->size != file.size || blob == Blob::remade)) {
      // A copy that a client made and that was wrong is evidence. Else it may be a user's own file,
      // and is kept apart.
      const bool a_copy = blob == Blob::remade && !symlinks_;
      const auto kept =
          evidence_name(a_copy ? file.etag() : file.etag() + "." + os::random_suffix());
      if (auto aside = set_aside(*folder, name, *blobs_, kept); !aside) return aside;
    }
    const bool fresh = blob != Blob::found;
    const bool by_link = symlinks_;
    auto placed = by_link ? link_entry(*folder, name, file, link_to_blob(file.path, file.etag()))
                          : put_copy(*folder, name, file, fresh);
    if (!placed && by_link && !symlinks_) placed = put_copy(*folder, name, file, fresh);
    if (!placed) return prefix_error(path() + "/snapshots/" + commit_, std::move(placed));
  }
  std::string marker;
  const auto notes = no_exist_folder(file.path, marker);
  if (!notes) return tl::unexpected<Error>(notes.error());
  if (!*notes) return {};
  auto removed = os::remove(**notes, marker);
  if (!removed && os::is_absent(removed.error())) return {};
  return prefix_error(path() + "/.no_exist", std::move(removed));
}

// In one step where the name is free; else under another name first, which lies in blobs/, outside
// the entries of clients. Where the file system refuses links, an error, and `symlinks_` is false.
Result<void> CacheRepoStore::link_entry(const os::Directory& folder, const std::string& name,
                                        const TreeFile& file, const std::string& text) {
  const auto old = folder.read_link(name);
  auto made = old && *old == text ? Result<void>() : os::make_link(folder, text, name);
  if (!made && made.error().code == EEXIST) {
    const auto temporary = "." + file.etag() + "." + os::random_suffix() + ".new";
    made = os::make_link(*blobs_, text, temporary);
    if (made) {
      auto moved = os::rename(*blobs_, temporary, folder, name);
      if (!moved) (void)os::remove(*blobs_, temporary);
      const bool on_another_disk =
          !moved && moved.error().code == EXDEV;  // only snapshots/ was moved
      if (!moved && !on_another_disk) return moved;
      if (on_another_disk) {
        (void)os::remove(folder, name);
        made = os::make_link(folder, text, name);
      }
    }
  }
  if (!made) {
    if (refuses_links(made.error())) symlinks_ = false;
    return made;
  }
  const auto known = blob(file.etag());
  if (!known) return tl::unexpected<Error>(known.error());
  const auto& content = *known;
  const auto target = folder.stat_target(name);
  if (content && target && target->key == content->key) return {};
  // Where snapshots/ is itself a link, `..` goes elsewhere than it seems to.
  const auto absolute = path() + "/blobs/" + file.etag();
  if (content && text != absolute) return link_entry(folder, name, file, absolute);
  return failure("link", name, "the entry does not lead to its blob", ENOENT);
}

// The blob; where it was moved to an entry, that entry.
Result<std::unique_ptr<os::File>> CacheRepoStore::open_copy_source(const TreeFile& file) {
  auto blob = blobs_->open_file(file.etag(), os::Links::follow);
  if (blob || !os::is_absent(blob.error()) || listing_ == nullptr) return blob;
  for (const auto& other : listing_->files) {
    if (other.etag() != file.etag() || other.path == file.path) continue;
    std::string name;
    const auto folder = entry_folder(other, Folders::existing, name);
    auto entry = folder ? folder->open_file(name) : tl::unexpected<Error>(folder.error());
    if (entry && (*entry)->size() == file.size) return entry;
  }
  return blob;
}

Result<void> CacheRepoStore::put_copy(const os::Directory& folder, const std::string& name,
                                      const TreeFile& file, bool fresh) {
  const auto there = blobs_->stat(file.etag());
  if (fresh && there && there->type == FileType::regular) {
    const auto moved = os::rename(*blobs_, file.etag(), folder, name);
    os::sync_folder(folder);
    if (moved || moved.error().code != EXDEV) return moved;
  }
  const auto source = open_copy_source(file);
  if (!source) return tl::unexpected<Error>(source.error());
  const auto temporary = os::temporary_name();  // the audit ignores that name
  auto copy = os::WritableFile::create(folder, temporary);
  if (!copy) return tl::unexpected<Error>(copy.error());
  const auto copied = copy->copy_from(**source, file.size);
  auto done = copied ? copy->sync() : tl::unexpected<Error>(copied.error());
  if (done && *copied != file.size)
    done = failure("copy", name, "the disk is full, or the blob has shrunk");
  if (done) done = os::rename(folder, temporary, folder, name);
  if (!done) (void)os::remove(folder, temporary);
  return done;
}

}  // namespace hfaudit
