// # foreign-owner
//
// Another user owns a file or folder, and the cache's user cannot use it: read a file, enter a
// folder, add files to a folder, append to a partial file that its client resumes. The owner of
// `HF_HOME` is the cache's user unless `--owner` names one. In a cache that its group or all users
// may write, files of other ordinary users are normal and only those of root count. Nested entries
// of one owner are one finding.
//
// Why it matters: the next download fails with "permission denied", sometimes only after it has
// received the file.
//
// Not raised: for entries that the user can use all the same, by mode, group or access control
// list.
//
// Causes: a run as root: with sudo, in a container without a user, or from a service. hf_xet
// creates the folders of `xet/` on every download, so that a `xet/` of root breaks downloads of
// repos without Xet, too.
//
// # no-access
//
// The mode or the access control list of a file or folder keeps the cache's user from using it, and
// the user owns it, or the cache is shared and another ordinary user does. In a cache that a group
// shares (its hub folder lets the group write), each member of the group counts as the user does:
// they must be able to add files to every folder, to read the downloads of others, to resume their
// partial files and to update their refs. The user is the one who runs the command; for root, the
// owner of the cache or the one that `--owner` names.
//
// Why it matters: as for foreign-owner. Clients may report an unreadable file as absent.
//
// Not raised: for folders that their own user made read-only, which is taken for intended; for
// folders of locks and lack of write permission where the user may only read the cache (the hub
// folder of another user, read-only for the user); for obstacles to other users of a cache without
// a sharing group. A group that is its user's own by the convention of Linux distributions shares
// nothing unless the hub folder has the setgid bit.
//
// Causes: a umask of 022 or 077 in a shared cache, folders without the setgid bit, `hf auth login`
// from huggingface_hub 1.16 on, which closes the folder of the token to others, chmod of a whole
// tree, a copy that kept the modes of another machine. huggingface_hub's listings have mode 0600
// and are often unreadable for other users of a shared cache.
#include <map>
#include <set>

#include "rules/check_home.hpp"
#include "rules/finding_facts.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// The access that the cache's user needs, and in a shared cache each member of the group.
struct Need {
  bool read = true, write = false, enter = false;

  [[nodiscard]] bool lacks(const Access& access) const {
    return (read && !access.read) || (write && !access.write) || (enter && !access.enter);
  }
};

std::string octal(std::uint32_t mode) {
  std::string text;
  for (constexpr std::uint32_t digit = 8; mode != 0; mode /= digit)
    text.insert(text.begin(), static_cast<char>('0' + mode % digit));
  return "0" + text;
}

// Whether its own user keeps adding to it.
bool is_written(const FileInfo& meta) {
  return (meta.mode & mode_bits::owner_write) != 0;
}

bool is_access_finding(const Finding& finding) {
  return finding.id == FindingId::foreign_owner || finding.id == FindingId::no_access;
}

// Raises one finding for the topmost of nested entries of one foreign owner, and counts the rest
// into it.
class AccessRule {
 public:
  explicit AccessRule(RepoCheck& c) : c_(c) {}

  // `folder` and `name` make the path; they are joined only for a finding.
  void inspect(std::string_view folder, std::string_view name, const FileInfo& meta,
               const Need& need, Root root = Root::repo) {
    inspect(folder, name, meta, need, need, root);
  }
  void inspect(std::string_view folder, std::string_view name, const FileInfo& meta,
               const Need& need, const Need& of_members, Root root = Root::repo) {
    const bool user = need.lacks(meta.access);
    const bool members = c_.context.sharing && of_members.lacks(meta.members);
    if (user || members) raise({std::string(folder) + std::string(name), root}, meta, user);
  }

  void finish() {
    for (auto& finding : c_.findings) {
      const auto count = folded_.find(finding.path);
      if (is_access_finding(finding) && count != folded_.end())
        finding.details.emplace_back(detail_key::below, count->second);
    }
  }

 private:
  // `user`: it keeps the cache's user out, besides other members of the group.
  void raise(const CachePath& at, const FileInfo& meta, bool user) {
    const bool foreign = meta.uid != c_.context.user_id;
    // In a shared cache other users' files are normal, and a cache that the user only reads is
    // another user's; the reason is then the mode.
    const bool blame_owner =
        user && foreign && !c_.context.reads_only && (!c_.context.shared_cache || meta.uid == 0);
    if (const auto above = reported_above(at, meta.uid); !above.empty()) {
      ++folded_[above];
      return;
    }
    reported_.emplace(std::pair(at.root, at.path), meta.uid);
    auto& finding = c_.raise(blame_owner ? FindingId::foreign_owner : FindingId::no_access, at,
                             blame_owner ? "owned by uid " + std::to_string(meta.uid) + "; " +
                                               c_.context.user_name + " cannot use it"
                             : user ? shown_path(at) + reason_of_user(meta)
                                    : shown_path(at) + reason_of_members(meta));
    finding.seen = identity_of(meta);
    finding.details.emplace_back(detail_key::uid, std::uint64_t{meta.uid});
    finding.details.emplace_back(detail_key::mode, std::uint64_t{meta.mode});
    if (!blame_owner) add_sharing(c_, meta, finding);
    if (!blame_owner && c_.context.reads_only) finding.fix.clear();  // its owner has to decide
    if (!c_.context.owner.empty())
      finding.details.emplace_back(detail_key::wanted_owner, c_.context.owner);
  }

  // Reports name the path of findings on a repo only in JSON.
  [[nodiscard]] static std::string shown_path(const CachePath& at) {
    constexpr std::string_view blobs = "blobs/";
    constexpr std::size_t short_etag = 12;
    if (at.root != Root::repo || at.path.empty()) return {};
    const bool blob = at.path.starts_with(blobs);
    return printable(blob ? at.path.substr(0, blobs.size() + short_etag) : at.path) + ": ";
  }

  [[nodiscard]] std::string reason_of_user(const FileInfo& meta) const {
    const bool read_only = meta.access.read && !meta.access.write;
    return "mode " + octal(meta.mode) +
           (read_only ? " does not let " + c_.context.user_name + " write to it"
                      : " gives " + c_.context.user_name + " no access");
  }

  [[nodiscard]] std::string reason_of_members(const FileInfo& meta) const {
    const auto& sharing = *c_.context.sharing;
    const auto members = "members of group " + c_.context.group_name + ", which shares this cache";
    if (meta.gid != sharing.gid)
      return "group " + std::to_string(meta.gid) + " and its mode give no access to " + members;
    return "mode " + octal(meta.mode) + " gives no access to " + members;
  }

  // The path of the finding that already covers `at`, else empty. The finding of the repo's folder
  // covers its locks.
  [[nodiscard]] std::string reported_above(CachePath at, std::uint32_t uid) const {
    while (!at.path.empty()) {
      const auto slash = at.path.rfind('/');
      at.path.resize(slash == std::string::npos ? 0 : slash);
      if (at.path.empty()) at.root = Root::repo;
      const auto found = reported_.find({at.root, at.path});
      if (found != reported_.end() && found->second == uid) return c_.full_path(at);
    }
    return {};
  }

  RepoCheck& c_;
  std::map<std::pair<Root, std::string>, std::uint32_t> reported_;
  std::map<std::string, std::uint64_t> folded_;
};

// A client adds files to the folders. Folders that their own user made read-only are meant so;
// those of others block the next download, unless they belong to an ordinary user and the cache is
// open to all users without a group that shares it.
Need of_directory(const RepoCheck& c, const ExtraEntry& folder) {
  if (c.context.reads_only) return {true, false, true};
  const auto& meta = folder.meta;
  const bool own = meta.uid == c.context.user_id;
  if (c.context.sharing && !own && folder.members == Members::pass) return {false, false, true};
  if (c.context.sharing && meta.uid != 0 && folder.members == Members::add_files)
    return {true, !own && is_written(meta), true};
  const bool others = c.context.shared_cache && meta.uid != 0;
  return {true, !own && !others, true};
}

Need of_directory_for_members(const ExtraEntry& folder) {
  switch (folder.members) {
    case Members::add_files:
      return {true, is_written(folder.meta), true};
    case Members::pass:
      return {false, false, true};
    case Members::none:
      break;
  }
  return {false, false, false};
}

// Clients before 1.18 write a ref in place when its branch has moved.
Need of_ref(const RepoCheck& c, const FileInfo& meta) {
  return {true, c.context.sharing && meta.uid != c.context.user_id && is_written(meta), false};
}

// Old clients append to `<etag>.incomplete`; the newer ones leave other processes' partials alone.
bool is_resumed(const Partial& partial) {
  return partial.path == "blobs/" + partial.etag + ".incomplete";
}

// The finding on the home, else on the nearest folder above `path`, or null.
Finding* covering(const std::map<std::string, Finding*>& access, const std::string& path) {
  if (const auto home = access.find("."); home != access.end() && !path.starts_with('/'))
    return home->second;
  for (auto slash = path.rfind('/'); slash != std::string::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const auto above = access.find(path.substr(0, slash));
    if (above != access.end()) return above->second;
  }
  return nullptr;
}

}  // namespace

// A token of another user stays private; clients stop at an unreadable token file.
void check_access_to(RepoCheck& c, const std::vector<ExtraEntry>& files) {
  constexpr Need of_nobody = {false, false, false};
  AccessRule rule(c);
  for (const auto& file : files) {
    const bool theirs = file.meta.uid != c.context.user_id && file.meta.uid != 0 &&
                        (c.context.shared_cache || c.context.reads_only);
    if (!theirs) {
      rule.inspect("", file.path, file.meta, {}, of_nobody);
    } else if (!file.meta.access.read) {
      auto& finding = c.raise(FindingId::no_access, file.path,
                              "this token belongs to uid " + std::to_string(file.meta.uid) +
                                  " and stays private; clients of " + c.context.user_name +
                                  " need HF_TOKEN_PATH or HF_TOKEN of their own");
      finding.fix.clear();
      finding.details.emplace_back(detail_key::uid, std::uint64_t{file.meta.uid});
    }
  }
}

void add_sharing(const RepoCheck& c, const FileInfo& meta, Finding& finding) {
  if (meta.uid != c.context.user_id)
    finding.details.emplace_back(detail_key::foreign, std::uint64_t{1});
  if (c.context.sharing)
    finding.details.emplace_back(detail_key::shared_with, std::uint64_t{c.context.sharing->gid});
}

void check_access(RepoCheck& c) {
  AccessRule rule(c);
  for (const auto& directory : c.repo.directories) {
    if (c.context.reads_only && directory.root == Root::hub) continue;  // of locks
    rule.inspect("", directory.path, directory.meta, of_directory(c, directory),
                 of_directory_for_members(directory), directory.root);
  }
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto* content = c.repo.blobs[i].content();
    if (content != nullptr && c.used_blobs[i])
      rule.inspect("blobs/", c.repo.blobs[i].name, *content, {});
  }
  for (const auto& partial : c.repo.partials) {
    if (is_resumed(partial) && !partial.live() && !c.context.reads_only)
      rule.inspect("", partial.path, partial.meta, {true, true, false});
  }
  for (const auto& ref : c.repo.refs)
    rule.inspect("refs/", ref.name, ref.meta, of_ref(c, ref.meta),
                 {true, is_written(ref.meta), false});
  for (const auto& state : c.states) {
    for (const auto& entry : state.revision->entries) {
      if (entry.kind == EntryKind::copy)
        rule.inspect("", c.place(state, entry.path), entry.meta, {});
    }
  }
  rule.finish();
}

void fold_nested_access(std::vector<Finding>& findings) {
  std::map<std::string, Finding*> access;
  for (auto& finding : findings) {
    if (is_access_finding(finding)) access[finding.path] = &finding;
  }
  const auto uid_of = [](const Finding& finding) {
    return number_detail(finding, detail_key::uid).value_or(0);
  };
  std::set<std::string> folded;
  for (const auto& [path, finding] : access) {
    if (path == ".") continue;
    const Finding* top = covering(access, path);
    const bool same = top != nullptr && top->id == finding->id && uid_of(*top) == uid_of(*finding);
    if (same) folded.insert(path);
  }
  std::erase_if(findings,
                [&](const Finding& f) { return is_access_finding(f) && folded.contains(f.path); });
}

}  // namespace hfaudit
