#include "source/local_source.hpp"

#include <algorithm>
#include <cerrno>

#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

// The home around a hub is told from a hub by its repo folders, which only a hub has.
[[nodiscard]] bool has_repo_folder(const os::Directory& folder) {
  bool found = false;
  const auto listed = folder.list(
      [&](const os::DirectoryEntry& entry) { found = found || parse_repo_folder(entry.name); });
  return listed && found;
}

// A folder in a repo's; its user may have moved either to another disk.
[[nodiscard]] Result<os::Directory> open_in_repo(const os::Directory& hub,
                                                 const std::string& folder,
                                                 const std::string& name) {
  auto repo = hub.open_directory(folder, true);
  if (!repo) return repo;
  return repo->open_directory(name, true);
}

// A regular file below `root`, through no link.
[[nodiscard]] std::unique_ptr<os::File> open_below(const os::Directory& root,
                                                   std::string_view path) {
  auto folder = root.open_directory(".");
  while (folder) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) {
      auto file = folder->open_file(std::string(path));
      return file ? std::move(*file) : nullptr;
    }
    folder = folder->open_directory(std::string(path.substr(0, slash)));
    path.remove_prefix(slash + 1);
  }
  return nullptr;
}

// The text of the link at `path`; empty: there is none.
[[nodiscard]] std::string link_below(const os::Directory& root, std::string_view path) {
  auto folder = root.open_directory(".");
  while (folder) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos)
      return folder->read_link(std::string(path)).value_or(std::string());
    folder = folder->open_directory(std::string(path.substr(0, slash)));
    path.remove_prefix(slash + 1);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LocalSource>> LocalSource::open(const std::string& path,
                                                       std::optional<std::uint32_t> reader) {
  auto root = os::Directory::open_root(path);
  if (!root) return tl::unexpected<Error>(root.error());
  const auto listing = root->open_directory(".");
  auto kind = listing && has_repo_folder(*listing) ? Kind::hub : Kind::local_dir;
  if (kind == Kind::local_dir) {
    if (auto hub = root->open_directory("hub", true)) {
      root = std::move(hub);
      kind = Kind::hub;
    }
  }
  return std::unique_ptr<LocalSource>(new LocalSource(path, std::move(*root), kind, reader));
}

Result<std::unique_ptr<LocalSource>> LocalSource::open_hub(const std::string& path,
                                                           std::optional<std::uint32_t> reader) {
  auto root = os::Directory::open_root(path);
  if (!root) return tl::unexpected<Error>(root.error());
  return std::unique_ptr<LocalSource>(new LocalSource(path, std::move(*root), Kind::hub, reader));
}

// Root passes on nothing that the user for whom it works could not read.
bool LocalSource::may_use(const os::File& file) const {
  constexpr std::uint32_t all_may_read = 04;
  const auto& meta = file.meta();
  return !reader_ || meta.uid == *reader_ || (meta.mode & all_may_read) != 0;
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
  const auto blobs = open_in_repo(root_, folder, "blobs");
  if (!blobs) return nullptr;
  if (auto file = blobs->open_file(etag)) return std::move(*file);
  const auto text = blobs->read_link(etag);
  if (!text) return nullptr;
  constexpr std::size_t hash_digits = 64;  // a link into the shared store ends in a Xet hash
  return text->size() > hash_digits ? open_payload(text->substr(text->size() - hash_digits))
                                    : nullptr;
}

std::vector<LocalSource::Opened> LocalSource::open_entries(const std::string& folder,
                                                           const std::string& commit,
                                                           const std::string& path) const {
  std::vector<Opened> found;
  const auto snapshots = open_in_repo(root_, folder, "snapshots");
  if (!snapshots) return found;
  std::vector<std::string> commits;
  const auto listed =
      snapshots->list([&](const os::DirectoryEntry& entry) { commits.emplace_back(entry.name); });
  if (!listed) return found;
  std::sort(commits.begin(), commits.end());
  const auto asked = std::find(commits.begin(), commits.end(), commit);
  if (asked != commits.end()) std::rotate(commits.begin(), asked, std::next(asked));
  for (const auto& one : commits) {
    if (auto file = open_below(*snapshots, one + "/" + path)) {
      found.push_back(std::move(file));
      continue;
    }
    const auto text = link_below(*snapshots, one + "/" + path);
    const auto etag = blob_named_by(text);
    if (!etag.empty()) found.push_back(open_blob(folder, std::string(etag)));
  }
  return found;
}

std::unique_ptr<os::File> LocalSource::open_content(const RepoId& repo, const std::string& commit,
                                                    const TreeFile& file,
                                                    std::vector<FileKey>& tried) {
  const auto take = [&](Opened& opened) {
    if (!opened || opened->size() != file.size || !may_use(*opened)) return false;
    const auto& key = opened->meta().key;
    if (std::find(tried.begin(), tried.end(), key) != tried.end()) return false;
    tried.push_back(key);
    return true;
  };
  if (kind_ == Kind::local_dir) {
    auto opened = open_below(root_, file.path);
    return take(opened) ? std::move(opened) : nullptr;
  }
  auto opened = open_blob(repo.folder(), file.etag());
  if (take(opened)) return opened;
  opened = open_payload(file.xet_hash);
  if (take(opened)) return opened;
  for (auto& entry : open_entries(repo.folder(), commit, file.path)) {
    if (take(entry)) return std::move(entry);
  }
  for (const auto& folder : index_.folders_with(file.etag(), root_)) {
    opened = open_blob(folder, file.etag());
    if (take(opened)) return opened;
  }
  return nullptr;
}

Result<SourceListing> LocalSource::find(const RepoId& repo,
                                        const std::optional<std::string>& revision) {
  return kind_ == Kind::hub ? find_in_hub(repo, revision) : find_in_local_dir(repo, revision);
}

}  // namespace hfaudit
