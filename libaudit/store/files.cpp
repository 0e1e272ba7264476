#include "store/files.hpp"

#include <cerrno>

#include "os/name_sync.hpp"
#include "os/privilege.hpp"
#include "os/temporary_name.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view cache_tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by huggingface_hub.\n"
    "# For information about cache directory tags, see:\n"
    "#\thttps://bford.info/cachedir/\n";

Result<os::Directory> enter(const os::Directory& parent, const std::string& name, Folders folders,
                            os::Links links) {
  return folders == Folders::made ? os::make_folder(parent, name, links)
                                  : os::open_folder(parent, name, links);
}

// A user who may make a link in `parent` could have root write anywhere. So it must belong to the
// owner of `parent`, and lead to a folder of that owner; if only root may make one, to any.
bool root_may_enter(const os::Directory& parent, const std::string& name,
                    const os::Directory& target) {
  constexpr std::uint32_t others_may_write = 022;
  const auto link = parent.stat(name);
  const auto from = parent.stat_self();
  const auto to = target.stat_self();
  if (!link || !from || !to || (link->uid != 0 && link->uid != from->uid)) return false;
  return from->uid == to->uid || (from->uid == 0 && (from->mode & others_may_write) == 0);
}

// `<name>.<8 hex>.tmp` is the name of an unfinished ref in huggingface_hub, so the audit knows it;
// where the file's own name is as long as names can be, there is room for the end alone.
Result<std::string> write_beside(const os::Directory& folder, const std::string& name,
                                 std::string_view text) {
  constexpr std::size_t longest = 255;
  auto temporary = name + "." + os::random_suffix() + ".tmp";
  if (temporary.size() > longest) temporary = temporary.substr(temporary.size() - longest);
  auto file = os::WritableFile::create(folder, temporary);
  if (!file) return failure("write to", name, file.error().cause, file.error().code);
  auto done = file->append(text);
  if (done) done = file->sync();
  if (done) return temporary;
  (void)os::remove(folder, temporary);
  return failure("write to", name, done.error().cause, done.error().code);
}

}  // namespace

Result<os::Directory> enter(const os::Directory& parent, const std::string& name, Folders folders) {
  return enter(parent, name, folders, os::Links::refuse);
}

Result<os::Directory> enter_moved(const os::Directory& parent, const std::string& name,
                                  Folders folders) {
  if (os::effective_user() != 0) return enter(parent, name, folders, os::Links::follow);
  auto folder = enter(parent, name, folders, os::Links::refuse);
  if (folder || folder.error().code != ELOOP) return folder;
  folder = enter(parent, name, folders, os::Links::follow);
  if (folder && !root_may_enter(parent, name, *folder))
    return failure("open", name, "another user's link: root does not follow it", EPERM);
  return folder;
}

Result<os::Directory> enter_folder_of(const os::Directory& root, std::string_view path,
                                      Folders folders, std::string& name) {
  auto folder = root.open_directory(".");
  std::size_t begin = 0;
  for (auto slash = path.find('/'); folder && slash != std::string_view::npos;
       slash = path.find('/', begin)) {
    auto inner =
        enter(*folder, std::string(path.substr(begin, slash - begin)), folders, os::Links::refuse);
    if (!inner)
      return begin == 0 ? std::move(inner)
                        : prefix_error(path.substr(0, begin - 1), std::move(inner));
    folder = std::move(inner);
    begin = slash + 1;
  }
  name = path.substr(begin);
  return folder;
}

Result<std::optional<FileInfo>> stat_if_there(const os::Directory& folder,
                                              const std::string& name) {
  const auto meta = folder.stat(name);
  if (meta) return std::optional<FileInfo>(*meta);
  if (os::is_absent(meta.error())) return std::optional<FileInfo>();
  return tl::unexpected<Error>(meta.error());
}

Result<void> put_text(const os::Directory& folder, const std::string& name, std::string_view text) {
  const auto there = folder.read_small(name, text.size() + 1);
  if (there && *there == text) return {};
  const auto temporary = write_beside(folder, name, text);
  if (!temporary) return tl::unexpected<Error>(temporary.error());
  auto renamed = os::rename(folder, *temporary, folder, name);
  if (!renamed) (void)os::remove(folder, *temporary);
  os::sync_folder(folder);
  return renamed;
}

Result<void> put_text_once(const os::Directory& folder, const std::string& name,
                           std::string_view text) {
  if (folder.stat(name)) return {};
  const auto temporary = write_beside(folder, name, text);
  if (!temporary) return tl::unexpected<Error>(temporary.error());
  auto renamed = os::rename_to_free_name(folder, *temporary, folder, name);
  if (renamed) return {};
  (void)os::remove(folder, *temporary);
  if (renamed.error().code == EEXIST) return {};
  return renamed;
}

// Before the file's own name is taken from it, its other one is on the disk, with all folders
// above.
Result<void> set_aside(const os::Directory& from, const std::string& name, const os::Directory& to,
                       const std::string& aside) {
  const auto temporary = aside + "." + os::random_suffix() + ".tmp";
  if (!os::add_name(from, name, to, temporary)) {
    if (auto synced = os::sync_new_names(); !synced) return synced;
    auto moved = os::rename(from, name, to, aside);
    if (!moved && os::is_absent(moved.error())) return {};  // another process has removed it
    return moved;
  }
  auto renamed = os::rename(to, temporary, to, aside);
  (void)os::remove(to, temporary);  // still there where both are names of one file
  return renamed ? os::sync_new_names() : renamed;
}

void put_cache_tag(const os::Directory& folder) {
  // for backup programs alone
  (void)put_text_once(folder, "CACHEDIR.TAG", cache_tag);
}

std::optional<std::uint64_t> free_bytes_at(std::string path) {
  for (;;) {
    if (const auto folder = os::Directory::open_root(path.empty() ? "/" : path))
      return folder->free_bytes();
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return std::nullopt;
    path.resize(slash);
  }
}

}  // namespace hfaudit
