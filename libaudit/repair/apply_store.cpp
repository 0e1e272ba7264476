// The shared blob store of huggingface_hub 2: `<hub>/blobs/<xx>/<xet hash>`, with the links that
// lead to it listed in
// `<payload>.refs`, one `<repo folder>/blobs/<etag>` a line. A line counts only while that path is
// a link that leads to the payload; a list that cannot be read means that the payload is needed.
#include <sstream>
#include <vector>

#include "base/path.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"
#include "repair/apply.hpp"
#include "repair/quarantine.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t largest_list = std::size_t{1} << 20U;

os::Tristate no_if_absent(const Error& error) {
  return os::is_absent(error) ? os::Tristate::no : os::Tristate::unknown;
}

// Is `path` in the repo's folder a link to the payload?
os::Tristate leads_to(const PathResolver& resolver, const std::string& folder_name,
                      std::string_view path, const FileKey& key) {
  const auto repo = resolver.open_repo(folder_name);
  if (!repo) return no_if_absent(repo.error());
  std::string name;
  const auto folder = enter_folder_of(*repo, path, Folders::existing, name);
  if (!folder) return no_if_absent(folder.error());
  const auto meta = folder->stat(name);
  if (!meta) return no_if_absent(meta.error());
  if (meta->type != FileType::symlink) return os::Tristate::no;
  const auto target = folder->stat_target(name);
  if (!target) return no_if_absent(target.error());
  return target->key == key ? os::Tristate::yes : os::Tristate::no;
}

// The lines that count. nullopt: the list cannot be read.
std::optional<std::vector<std::string>> links_to(const PathResolver& resolver,
                                                 const OpenLocation& payload, const FileKey& key) {
  const auto text = payload.folder.read_small(payload.name + ".refs", largest_list + 1);
  if (!text && os::is_absent(text.error())) return std::vector<std::string>{};
  if (!text || text->size() > largest_list) return std::nullopt;
  const auto hub = resolver.open_hub();
  if (!hub) return std::nullopt;
  std::vector<std::string> found;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    switch (
        leads_to(resolver, line.substr(0, slash), std::string_view(line).substr(slash + 1), key)) {
      case os::Tristate::yes:
        found.push_back(line);
        break;
      case os::Tristate::no:
        break;
      case os::Tristate::unknown:  // an unreadable repo may use it
        return std::nullopt;
    }
  }
  return found;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + "\n";
  return text;
}

// Under the payload's lock: its result. `use`: the action on it if its last link is gone.
template <class Use>
ActionResult where_unlinked(const PathResolver& resolver, const OpenLocation& payload, Use use) {
  const auto meta = payload.folder.stat(payload.name);
  if (!meta) return failed(meta.error());
  if (meta->type != FileType::regular) return skipped("it is not a file");
  const auto lock =
      os::LockFile::take(payload.folder, payload.name + ".lock", os::LockFile::Make::if_missing);
  if (!lock) return failed(lock.error());
  if (!*lock) return skipped("a client uses it");
  const auto links = links_to(resolver, payload, meta->key);
  if (!links) return skipped("the list of the repos that use it cannot be read");
  if (!links->empty()) {
    // without those that left it
    (void)put_text(payload.folder, payload.name + ".refs", text_of(*links));
    return skipped("a repo still uses it");
  }
  const auto used = use(*meta);
  if (!used) return failed(used.error());
  (void)os::remove(payload.folder, payload.name + ".refs");
  return done(bytes_freed_by_removal(*meta));
}

}  // namespace

// Is the blob behind the entry that led to it proven by now?
bool Applier::is_replaced(const Action& action) {
  if (!action.plan.repo || action.files.empty()) return false;
  const auto repo = resolver_.open_repo(action.plan.repo->folder());
  if (!repo) return false;
  const auto entry = "snapshots/" + action.plan.revision + "/" + action.files.front();
  std::string name;
  const auto folder = enter_folder_of(*repo, entry, Folders::existing, name);
  const auto target = folder ? folder->read_link(name) : tl::unexpected(folder.error());
  const auto blobs = enter(*repo, "blobs", Folders::existing);
  return target && blobs && proofs_.of(*blobs, std::string(last_component(*target))) == Proof::good;
}

// Its repos have content of their own by now. Where that is proven, the wrong one is worthless.
ActionResult Applier::quarantine_payload(const Action& action, const OpenLocation& location) {
  // else others may use it, unseen
  const bool listed = location.folder.stat(location.name + ".refs").has_value();
  const bool worthless = listed && is_replaced(action);
  auto result = where_unlinked(resolver_, location, [&](const FileInfo&) {
    if (worthless) return os::remove(location.folder, location.name);
    return move_to_quarantine(resolver_, action.plan.path, location, action.plan.reason,
                              precise_unix_time_s());
  });
  if (!worthless) result.bytes = 0;  // it is still there
  return result;
}

ActionResult Applier::remove_payload(const Action&, const OpenLocation& location) {
  return where_unlinked(resolver_, location, [&](const FileInfo&) {
    return os::remove(location.folder, location.name);
  });
}

}  // namespace hfaudit
