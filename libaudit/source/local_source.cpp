#include "source/local_source.hpp"

#include <algorithm>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

// Only a hub has repo folders, unlike the home around it.
[[nodiscard]] bool has_repo_folder(const os::Directory& folder) {
  bool found = false;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { found = found || parse_repo_folder(entry.name); });
  return listed && found;
}

// A regular file below `root`; links are refused.
[[nodiscard]] std::unique_ptr<os::File> open_below(const os::Directory& root,
                                                   std::string_view path) {
  std::string name;
  const auto folder = enter_folder_of(root, path, Folders::existing, name);
  if (!folder) return nullptr;
  auto file = folder->open_file(name);
  return file ? std::move(*file) : nullptr;
}

// The text of the link at `path`, else empty.
[[nodiscard]] std::string link_below(const os::Directory& root, std::string_view path) {
  std::string name;
  const auto folder = enter_folder_of(root, path, Folders::existing, name);
  return folder ? folder->read_link(name).value_or(std::string()) : std::string();
}

// The hub around a repo folder, or around a snapshot in one; empty for any other path.
[[nodiscard]] std::string hub_around(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  if (last_component(parent_path(path)) == "snapshots") path = parent_path(parent_path(path));
  return parse_repo_folder(std::string(last_component(path))) ? std::string(parent_path(path))
                                                              : std::string();
}

}  // namespace

Result<std::unique_ptr<LocalSource>> LocalSource::open(
    const std::string& path, std::shared_ptr<const os::CacheUser> recipient) {
  auto root = os::Directory::open_root(path);
  if (!root) return tl::unexpected<Error>(root.error());
  if (const auto hub = hub_around(path); !hub.empty()) return open_hub(hub, std::move(recipient));
  const auto listing = root->open_directory(".");
  auto kind = listing && has_repo_folder(*listing) ? Kind::hub : Kind::local_dir;
  if (kind == Kind::local_dir) {
    if (auto hub = enter_moved(*root, "hub", Folders::existing)) {
      root = std::move(hub);
      kind = Kind::hub;
    }
  }
  return std::unique_ptr<LocalSource>(
      new LocalSource(path, std::move(*root), kind, std::move(recipient)));
}

Result<std::unique_ptr<LocalSource>> LocalSource::open_hub(
    const std::string& path, std::shared_ptr<const os::CacheUser> recipient) {
  auto root = os::Directory::open_root(path);
  if (!root) return tl::unexpected<Error>(root.error());
  return std::unique_ptr<LocalSource>(
      new LocalSource(path, std::move(*root), Kind::hub, std::move(recipient)));
}

bool LocalSource::may_use(const os::File& file) const {
  return !recipient_ || recipient_->may_receive(file);
}

Result<os::Directory> LocalSource::open_repo_folder(const std::string& folder,
                                                    const std::string& name) const {
  const auto repo = enter_moved(root_, folder, Folders::existing);
  if (!repo) return tl::unexpected<Error>(repo.error());
  return enter_moved(*repo, name, Folders::existing);
}

LocalSource::Opened LocalSource::open_file(const std::string& path) const {
  return open_below(root_, path);
}

LocalSource::Opened LocalSource::open_payload(const std::string& xet_hash) const {
  if (!is_sha256(xet_hash)) return nullptr;
  const auto store = root_.open_directory("blobs");
  return store ? open_below(*store, xet_hash.substr(0, 2) + "/" + xet_hash) : nullptr;
}

LocalSource::Opened LocalSource::open_blob(const std::string& folder,
                                           const std::string& etag) const {
  const auto blobs = open_repo_folder(folder, "blobs");
  if (!blobs) return nullptr;
  if (auto file = blobs->open_file(etag)) return std::move(*file);
  const auto text = blobs->read_link(etag);
  if (!text) return nullptr;
  constexpr std::size_t hash_digits = 64;  // a link into the shared store ends in a Xet hash
  return text->size() > hash_digits ? open_payload(text->substr(text->size() - hash_digits))
                                    : nullptr;
}

std::vector<std::string> LocalSource::commits_of(const os::Directory& snapshots,
                                                 const std::string& first) {
  std::vector<std::string> commits;
  const auto listed =
      snapshots.list([&](const os::DirectoryEntry& entry) { commits.emplace_back(entry.name); });
  if (!listed) return {};
  std::sort(commits.begin(), commits.end());
  const auto at = std::find(commits.begin(), commits.end(), first);
  if (at != commits.end()) std::rotate(commits.begin(), at, std::next(at));
  return commits;
}

LocalSource::Opened LocalSource::open_entry(const os::Directory& snapshots,
                                            const std::string& folder, const std::string& commit,
                                            const std::string& path) const {
  if (auto file = open_below(snapshots, commit + "/" + path)) return file;
  const auto text = link_below(snapshots, commit + "/" + path);
  const auto etag = blob_named_by(text);
  return etag.empty() ? nullptr : open_blob(folder, std::string(etag));
}

bool LocalSource::offer_content(const RepoId& repo, const std::string& commit, const TreeFile& file,
                                std::vector<FileKey>& offered,
                                const std::function<bool(std::unique_ptr<os::File>)>& take) {
  const auto offer = [&](Opened opened) {
    if (!opened || opened->size() != file.size || !may_use(*opened)) return false;
    const auto& key = opened->meta().key;
    if (std::find(offered.begin(), offered.end(), key) != offered.end()) return false;
    offered.push_back(key);
    return take(std::move(opened));
  };
  if (kind_ == Kind::local_dir) return offer(open_below(root_, file.path));
  const auto folder = repo.folder();
  if (offer(open_blob(folder, file.etag())) || offer(open_payload(file.xet_hash.str())))
    return true;
  if (const auto snapshots = open_repo_folder(folder, "snapshots")) {
    for (const auto& one : commits_of(*snapshots, commit)) {
      if (offer(open_entry(*snapshots, folder, one, file.path))) return true;
    }
  }
  for (const auto& other : index_.folders_with(file.etag(), root_)) {
    if (offer(open_blob(other, file.etag()))) return true;
  }
  return false;
}

Result<SourceListing> LocalSource::find(const RepoId& repo,
                                        const std::optional<std::string>& revision) {
  return kind_ == Kind::hub ? find_in_hub(repo, revision) : find_in_local_dir(repo, revision);
}

}  // namespace hfaudit
