#include "store/shared_store.hpp"

#include "cache/content.hpp"
#include "digest/read_one.hpp"
#include "hfaudit/identity.hpp"
#include "os/lock_file.hpp"
#include "os/mode.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view marker = ".huggingface-shared-blobs", layout_version = "1\n";
constexpr std::uint32_t for_all =
    0666;  // of locks and references: every user of the cache writes them

// A link under a temporary name, which a client knows as its own.
[[nodiscard]] std::optional<std::string> make_link_beside(const os::Directory& blobs,
                                                          const TreeFile& file) {
  auto name = "." + file.etag() + "." + os::random_suffix() + ".shared";
  const auto payload = file.xet_hash.str();
  const auto text = "../../blobs/" + payload.substr(0, 2) + "/" + payload;
  if (!os::make_link(blobs, text, name)) return std::nullopt;
  return name;
}

// Where a folder was moved and linked, a relative link leads elsewhere.
[[nodiscard]] bool leads_to(const os::Directory& blobs, const std::string& link,
                            const FileKey& payload) {
  const auto target = blobs.stat_target(link);
  return target && target->key == payload;
}

}  // namespace

std::optional<SharedStore> SharedStore::open(const os::Directory& hub) {
  auto store = hub.open_directory("blobs");
  if (!store) return std::nullopt;
  const auto text = store->read_small(std::string(marker), layout_version.size() + 1);
  const auto hub_meta = hub.stat_self();
  const auto meta = store->stat_self();
  const bool is_own = meta && hub_meta && meta->uid == hub_meta->uid;
  if (!text || *text != layout_version || !is_own) return std::nullopt;
  return SharedStore(std::move(*store), hub_meta->mode);
}

std::optional<os::Directory> SharedStore::prefix_folder(const std::string& xet_hash,
                                                        bool made) const {
  const auto name = xet_hash.substr(0, 2);
  constexpr std::uint32_t inherited = 03777;  // access, setgid and sticky
  auto folder = made ? os::make_folder(store_, name) : os::open_folder(store_, name);
  if (!folder) return std::nullopt;
  const auto meta = folder->stat_self();
  if (made && meta && meta->mode != (hub_mode_ & inherited))
    (void)os::set_mode(store_, name, meta->key, hub_mode_ & inherited);
  return std::move(*folder);
}

// Read-only, and readable for users who can enter the cache's folder.
std::uint32_t SharedStore::payload_mode() const {
  constexpr std::uint32_t group_passes = 010, others_pass = 01;
  return 0400U | ((hub_mode_ & group_passes) != 0 ? 040U : 0U) |
         ((hub_mode_ & others_pass) != 0 ? 04U : 0U);
}

bool SharedStore::is_right(const os::Directory& folder, const TreeFile& file) const {
  auto payload = folder.open_file(file.xet_hash.str());
  const auto claim = claim_of(ClaimSource::hub, file.etag());
  if (!payload || !claim || (*payload)->size() != file.size) return false;
  return hashes_to(std::move(*payload), *claim).value_or(false);
}

// On the disk before the link is seen: a client removes a payload without a line.
bool SharedStore::add_reference(const os::Directory& folder, const std::string& repo_folder,
                                const TreeFile& file) const {
  const auto name = file.xet_hash.str() + ".refs";
  auto references = os::WritableFile::create(folder, name);
  const bool made = references.has_value();
  if (!references) references = os::WritableFile::open(folder, name);
  if (!references) return false;
  const auto meta = references->stat();
  if (made && meta) (void)os::set_mode(folder, name, meta->key, for_all);
  return references->append(repo_folder + "/blobs/" + file.etag() + "\n") && references->sync();
}

bool SharedStore::link(const os::Directory& blobs, const std::string& repo_folder,
                       const TreeFile& file) const {
  if (!is_sha256(file.xet_hash)) return false;
  const auto folder = prefix_folder(file.xet_hash.str(), false);
  if (!folder || !folder->stat(file.xet_hash.str())) return false;
  const auto lock = os::LockFile::take(*folder, file.xet_hash.str() + ".lock",
                                       os::LockFile::Make::if_missing, for_all);
  if (!lock || !*lock || !is_right(*folder, file)) return false;
  const auto payload = folder->stat(file.xet_hash.str());
  const auto temporary = make_link_beside(blobs, file);
  if (!payload || !temporary) return false;
  const bool linked = leads_to(blobs, *temporary, payload->key) &&
                      add_reference(*folder, repo_folder, file) &&
                      os::rename(blobs, *temporary, blobs, file.etag());
  if (!linked) (void)os::remove(blobs, *temporary);
  return linked;
}

// Under the lock of the payload, whose name is free.
bool SharedStore::move_in(const os::Directory& blobs, const os::Directory& folder,
                          const TreeFile& file) const {
  const auto blob = blobs.stat(file.etag());
  if (!blob || blob->type != FileType::regular || blob->size != file.size) return false;
  const auto temporary = make_link_beside(blobs, file);
  if (!temporary) return false;
  bool moved = false;
  if (os::set_mode(blobs, file.etag(), blob->key, payload_mode()))
    moved = os::rename_to_free_name(blobs, file.etag(), folder, file.xet_hash.str()).has_value();
  const bool linked = moved && leads_to(blobs, *temporary, blob->key) &&
                      os::rename(blobs, *temporary, blobs, file.etag());
  if (linked) return true;
  if (moved) (void)os::rename_to_free_name(folder, file.xet_hash.str(), blobs, file.etag());
  (void)os::set_mode(blobs, file.etag(), blob->key, blob->mode);
  (void)os::remove(blobs, *temporary);
  return false;
}

bool SharedStore::publish(const os::Directory& blobs, const std::string& repo_folder,
                          const TreeFile& file) const {
  if (!is_sha256(file.xet_hash)) return false;
  const auto folder = prefix_folder(file.xet_hash.str(), true);
  if (!folder) return false;
  if (folder->stat(file.xet_hash.str())) return link(blobs, repo_folder, file);
  const auto lock = os::LockFile::take(*folder, file.xet_hash.str() + ".lock",
                                       os::LockFile::Make::if_missing, for_all);
  if (!lock || !*lock) return false;
  return add_reference(*folder, repo_folder, file) && move_in(blobs, *folder, file);
}

}  // namespace hfaudit
