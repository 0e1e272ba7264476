#include "store/local_repo_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/file_role.hpp"
#include "os/crypto.hpp"
#include "os/root_path.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

std::string folder_part(const std::string& path) {
  return std::string(parent_path(path));
}

// The tolerance of a client: it allows a second, since some file systems keep only seconds.
bool changed_since(const FileInfo& meta, const LocalMetadata& metadata) {
  constexpr double billion = 1e9;
  return static_cast<double>(meta.mtime_ns) / billion - 1 > metadata.timestamp;
}

}  // namespace

Result<std::string> short_hash(const std::string& text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 21> hash{};  // twenty bytes, and one to fill the last three
  auto sha1 = os::CryptoDigest::begin(os::Hash::sha1);
  if (!sha1) return tl::unexpected<Error>(sha1.error());
  const std::vector<unsigned char> bytes(text.begin(), text.end());
  sha1->update(bytes);
  if (auto done = sha1->finish(std::span(hash).first(20)); !done)
    return tl::unexpected<Error>(done.error());
  std::string out;
  for (std::size_t i = 0; i < hash.size(); i += 3) {
    const auto group =
        (unsigned{hash[i]} << 16U) | (unsigned{hash[i + 1]} << 8U) | unsigned{hash[i + 2]};
    for (const unsigned shift : {18U, 12U, 6U, 0U})
      out += digits[(group >> shift) & 63U];
  }
  out.back() = '=';
  return out;
}

bool LocalRepoStore::is_open() const {
  const std::scoped_lock lock(mutex_);
  return notes_.has_value();
}

bool LocalRepoStore::has_root() const {
  const std::scoped_lock lock(mutex_);
  return root_.has_value();
}

Result<void> LocalRepoStore::open(Folders folders) {
  const std::scoped_lock lock(mutex_);
  if (notes_) return {};
  if (!root_) {
    auto root =
        folders == Folders::made ? os::make_root(root_path_) : os::open_folder_at(root_path_);
    if (!root) return tl::unexpected<Error>(root.error());
    root_ = std::move(*root);
  }
  const auto cache = prefix_error(root_path_, enter(*root_, ".cache", folders));
  if (!cache) return tl::unexpected<Error>(cache.error());
  auto notes = prefix_error(root_path_ + "/.cache", enter(*cache, "huggingface", folders));
  if (!notes) return tl::unexpected<Error>(notes.error());
  notes_ = std::move(*notes);
  return {};
}

std::string LocalRepoStore::notes_path(const TreeFile& file) const {
  const auto folder = folder_part(file.path);
  return root_path_ + "/.cache/huggingface/download" + (folder.empty() ? "" : "/" + folder);
}

std::shared_ptr<LeftoverNames> LocalRepoStore::names_in(const std::string& key,
                                                        os::Directory folder) {
  const std::scoped_lock lock(mutex_);
  constexpr std::size_t most_open = 64;  // each has a descriptor; those in use stay
  if (leftovers_.size() >= most_open && !leftovers_.contains(key)) leftovers_.clear();
  auto& names = leftovers_[key];
  if (!names) {
    names =
        std::make_shared<LeftoverNames>(std::make_shared<const os::Directory>(std::move(folder)));
  }
  return names;
}

Result<LocalRepoStore::Notes> LocalRepoStore::notes_of(const TreeFile& file, Folders folders) {
  if (!is_open()) return failure("open", ".cache/huggingface", "there is none", ENOENT);
  const auto download =
      prefix_error(root_path_ + "/.cache/huggingface", enter(*notes_, "download", folders));
  if (!download) return tl::unexpected<Error>(download.error());
  Notes found;
  auto folder = prefix_error(root_path_ + "/.cache/huggingface/download",
                             enter_folder_of(*download, file.path, folders, found.name));
  if (!folder) return tl::unexpected<Error>(folder.error());
  const auto hash = short_hash(found.metadata());
  if (!hash) return tl::unexpected<Error>(hash.error());
  found.stem = *hash + "." + file.etag();
  found.leftovers = names_in(folder_part(file.path), std::move(*folder));
  return found;
}

Result<os::Directory> LocalRepoStore::folder_of(const TreeFile& file, Folders folders,
                                                std::string& name) const {
  return prefix_error(root_path_, enter_folder_of(*root_, file.path, folders, name));
}

std::optional<LocalMetadata> LocalRepoStore::metadata_of(const TreeFile& file) {
  const auto notes = notes_of(file, Folders::existing);
  if (!notes) return std::nullopt;
  constexpr std::size_t longest = 4096;
  const auto text = notes->folder()->read_small(notes->metadata(), longest);
  return text ? parse_local_metadata(*text) : std::nullopt;
}

void LocalRepoStore::know_listing(const Tree& tree) {
  listed_notes_.clear();
  for (const auto& file : tree.files) {
    if (is_notes_name(last_component(file.path))) listed_notes_.insert(file.path);
  }
}

Result<std::string> LocalRepoStore::notes_of_downloader(const os::Directory& folder,
                                                        const std::string& path) const {
  for (const auto suffix : notes_suffixes) {
    const auto notes = path + std::string(suffix);
    constexpr std::size_t longest_name = 255;
    const auto own_name = last_component(notes);
    if (!is_notes_name(own_name) || own_name.size() > longest_name) continue;
    const auto found = stat_if_there(folder, std::string(last_component(notes)));
    if (!found) return tl::unexpected<Error>(found.error());
    if (*found && !listed_notes_.contains(notes)) return std::string(suffix);
  }
  return std::string();
}

// A link is followed to be read: before 0.23 the client made links into the hub cache, and users
// make their own.
Result<FileState> LocalRepoStore::inspect(const TreeFile& file) {
  FileState state;
  std::string name;
  const auto folder = folder_of(file, Folders::existing, name);
  if (!folder && os::is_absent(folder.error())) return state;
  if (!folder) return tl::unexpected<Error>(folder.error());
  const auto meta = folder->stat_target(name);
  if (!meta && !os::is_absent(meta.error()) && meta.error().code != ELOOP)
    return tl::unexpected<Error>(meta.error());
  if (!meta || meta->type != FileType::regular || meta->size != file.size) return state;
  const auto unfinished = notes_of_downloader(*folder, file.path);
  if (!unfinished) return tl::unexpected<Error>(unfinished.error());
  if (!unfinished->empty()) return state;
  const auto metadata = metadata_of(file);
  const bool believed = metadata && !changed_since(*meta, *metadata);
  if (believed && metadata->etag != file.etag()) return state;  // another version of it
  state.present = true;
  state.linked = believed && metadata->commit == commit_;
  state.key = meta->key;
  state.mtime_ns = meta->mtime_ns;
  return state;
}

Result<bool> LocalRepoStore::is_users_own(const TreeFile& file) {
  std::string name;
  const auto folder = folder_of(file, Folders::made, name);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const auto found = stat_if_there(*folder, name);
  if (!found) return tl::unexpected<Error>(found.error());
  const auto& meta = *found;
  if (!meta || meta->type != FileType::regular) return false;
  const auto metadata = metadata_of(file);
  return !metadata || changed_since(*meta, *metadata);
}

// Beside ours those of the clients: `<hash>.<etag>…` since 0.28, `<name>.<etag>.incomplete` before,
// and that in .huggingface in 0.23.
std::optional<Leftover> LocalRepoStore::longest_partial(const TreeFile& file) {
  std::optional<Leftover> best;
  const auto consider = [&](LeftoverNames& names, const std::string& stem) {
    auto found = longest_leftover(names, stem, file.etag(), file.size);
    if (found && (!best || found->prefix > best->prefix)) best = std::move(found);
  };
  const auto old_stem = std::string(last_component(file.path)) + "." + file.etag();
  if (const auto notes = notes_of(file, Folders::existing)) {
    consider(*notes->leftovers, notes->stem);
    consider(*notes->leftovers, old_stem);
  }
  const auto old = root_->open_directory(".huggingface");
  const auto download = old ? old->open_directory("download") : tl::unexpected<Error>(old.error());
  if (!download) return best;
  std::string name;
  auto folder = enter_folder_of(*download, file.path, Folders::existing, name);
  if (folder) consider(*names_in("../" + folder_part(file.path), std::move(*folder)), old_stem);
  return best;
}

Result<void> LocalRepoStore::put_metadata(const TreeFile& file) {
  std::string name;
  const auto folder = folder_of(file, Folders::existing, name);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const auto meta = folder->stat_target(name);
  if (!meta) return tl::unexpected<Error>(meta.error());
  const auto notes = notes_of(file, Folders::made);
  if (!notes) return tl::unexpected<Error>(notes.error());
  constexpr double billion = 1e9;
  // A file server's clock may be ahead of ours.
  const auto time = std::max(precise_unix_time_s(), static_cast<double>(meta->mtime_ns) / billion);
  std::array<char, 32> digits{};
  const auto [end, problem] =
      std::to_chars(digits.data(), digits.data() + digits.size(), time, std::chars_format::fixed);
  if (problem != std::errc{})
    return failure("write", notes->metadata(), "the time has too many digits");
  const auto text = commit_ + "\n" + file.etag() + "\n" + std::string(digits.data(), end) + "\n";
  return prefix_error(notes_path(file), put_text(*notes->folder(), notes->metadata(), text));
}

}  // namespace hfaudit
