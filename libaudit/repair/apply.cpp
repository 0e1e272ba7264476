#include "repair/apply.hpp"

#include <cerrno>
#include <vector>

#include "os/mode.hpp"
#include "os/privilege.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view has_changed = "it has changed since the audit; run the command again";

// A folder's times change with its entries.
bool is_same(const FileInfo& meta, const FileIdentity& seen) {
  if (meta.type == FileType::directory) return meta.key == FileKey{seen.device, seen.inode};
  return identity_of(meta) == seen;
}

// Lets the owner in: to a folder and all below it that is theirs.
class Opener {
 public:
  explicit Opener(std::uint32_t bits) : bits_(bits) {}

  [[nodiscard]] Result<void> open_up(const os::Directory& folder, const std::string& name,
                                     unsigned depth) {
    const auto meta = folder.stat(name);
    if (!meta) return tl::unexpected(meta.error());
    const bool is_folder = meta->type == FileType::directory;
    if (!is_folder && meta->type != FileType::regular) return {};
    if (meta->uid != os::effective_user()) return {};
    constexpr std::uint32_t enter = 0100;
    const auto wanted = meta->mode | (is_folder ? bits_ : bits_ & ~enter);
    if (wanted != meta->mode) {
      if (auto set = os::set_mode(folder, name, meta->key, wanted); !set) return set;
    }
    return is_folder && depth < deepest ? open_all_in(folder, name, depth) : Result<void>();
  }

 private:
  [[nodiscard]] Result<void> open_all_in(const os::Directory& folder, const std::string& name,
                                         unsigned depth) {
    const auto inner = folder.open_directory(name);
    if (!inner) return tl::unexpected(inner.error());
    std::vector<std::string> names;
    if (auto listed =
            inner->list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
        !listed)
      return listed;
    for (const auto& each : names) {
      if (auto opened = open_up(*inner, each, depth + 1); !opened && !os::is_absent(opened.error()))
        return opened;
    }
    return {};
  }

  static constexpr unsigned deepest = 48;
  std::uint32_t bits_;
};

}  // namespace

ActionResult done(std::uint64_t bytes) {
  return {Outcome::done, {}, bytes};
}

ActionResult skipped(std::string why) {
  return {Outcome::skipped, std::move(why), 0};
}

ActionResult failed(const Error& error) {
  if (os::is_absent(error)) return skipped("it was removed meanwhile");
  return {Outcome::failed, "cannot " + error.operation + " " + error.subject + ": " + error.cause,
          0};
}

bool is_unused(const OpenLocation& location, const FileInfo& meta, os::Processes& processes) {
  constexpr double day_s = 24 * 60 * 60, billion = 1e9;
  const bool old = precise_unix_time_s() - static_cast<double>(meta.mtime_ns) / billion > day_s;
  if (!os::is_local(location.folder) && !old) return false;
  const auto file = os::WritableFile::open(location.folder, location.name);
  const int code = file ? 0 : file.error().code;
  const bool unreadable =
      code == EIO || code == ESTALE || code == ENOMEM || code == EMFILE || code == ENFILE;
  if (unreadable) return false;
  const auto others = file ? os::others_have_open(*file) : std::nullopt;
  return others ? !*others : !processes.writer_of(meta.key);
}

ActionResult Applier::change_mode(const Action& action, const OpenLocation& location) {
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  if (action.plan.finding == FindingId::exposed_token) {
    const auto set =
        os::set_mode(location.folder, location.name, meta->key, meta->mode & action.mode);
    return set ? done() : failed(set.error());
  }
  const auto opened = Opener(action.mode).open_up(location.folder, location.name, 0);
  return opened ? done() : failed(opened.error());
}

Result<std::optional<os::LockFile>> Applier::lock_blob(const Action& action,
                                                       const std::string& etag) const {
  const auto repo = resolver_.repo_folder_of(action.plan.path);
  if (repo.empty()) return std::optional<os::LockFile>();
  const auto hub = resolver_.open_hub();
  const auto locks = hub ? enter(*hub, ".locks", Folders::existing) : tl::unexpected(hub.error());
  const auto folder =
      locks ? enter(*locks, repo, Folders::existing) : tl::unexpected(locks.error());
  const auto none =
      [](const Error& error) {  // the lock was never made, or it belongs to another user
        return os::is_absent(error) || error.code == EACCES || error.code == EPERM ||
               error.code == ELOOP || error.code == ENOLCK || error.code == EOPNOTSUPP;
      };
  if (!folder && !none(folder.error())) return tl::unexpected<Error>(folder.error());
  if (!folder) return std::optional<os::LockFile>();
  auto lock = os::LockFile::take(*folder, etag + ".lock", os::LockFile::Make::never);
  if (!lock && !none(lock.error())) return lock;
  if (!lock) return std::optional<os::LockFile>();
  if (!*lock) return failure("lock", etag, "a client is downloading it", EBUSY);
  return lock;
}

ActionResult Applier::apply(const Action& action) {
  if (action.plan.needs_root) return skipped("it needs root");
  if (action.kind == ActionKind::chown) return skipped("it still belongs to another user");
  if (action.kind == ActionKind::relink) return relink(action);
  const auto location = resolver_.find(action.plan.path);
  if (!location) return failed(location.error());
  const auto meta = location->folder.stat(location->name);
  if (!meta) return failed(meta.error());
  if (action.seen && !is_same(*meta, *action.seen)) return skipped(std::string(has_changed));
  switch (action.kind) {
    case ActionKind::chmod:
      return change_mode(action, *location);
    case ActionKind::set_ref:
      return set_ref(action, *location);
    case ActionKind::prune:
      return prune(action, *location);
    case ActionKind::remove:
      return remove(action, *location);
    case ActionKind::quarantine:
      return quarantine(action, *location);
    case ActionKind::chown:
    case ActionKind::relink:
    case ActionKind::pull:
      break;
  }
  return skipped("nothing to do");
}

}  // namespace hfaudit
