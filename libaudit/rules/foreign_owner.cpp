// # foreign-owner
//
// Another user owns a file or folder, and the cache's user cannot use it: read a file, enter a
// folder, add files to a folder, append to a partial file that its client resumes. The owner of
// `HF_HOME` is the cache's user unless
// `--owner` names one. In a cache that its group or everybody may write, files of other ordinary
// users are normal and only those of root count. Nested entries of one owner are one finding.
//
// Why it matters: the next download fails with "permission denied", sometimes only after it has
// received the file.
//
// Not raised: for what the user can use all the same, by mode, group or access control list.
//
// Causes: a run as root: with sudo, in a container without a user, or from a service. hf_xet
// creates the folders of
// `xet/` on every download, so that a `xet/` of root breaks downloads of repos that do not use it.
//
// # no-access
//
// The mode or the access control list of a file or folder keeps the cache's user from using it, and
// the user owns it, or the cache is shared and another ordinary user does.
//
// Why it matters: as for foreign-owner. Clients may report an unreadable file as absent.
//
// Not raised: for folders that their own user made read-only, which is taken for intended.
//
// Causes: a umask of 077 in a shared cache, chmod of a whole tree, a copy that kept the modes of
// another machine. huggingface_hub's listings have mode 0600 and are often unreadable for other
// users of a shared cache.
#include <map>
#include <set>

#include "rules/check_home.hpp"
#include "rules/finding_facts.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// The access that the cache's user needs.
struct Need {
  bool read = true, write = false, enter = false;
};

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
    const auto& access = meta.access;
    const bool lacks = (need.read && !access.read) || (need.write && !access.write) ||
                       (need.enter && !access.enter);
    if (lacks) tell({std::string(folder) + std::string(name), root}, meta);
  }

  void finish() {
    for (auto& finding : c_.findings) {
      const auto count = folded_.find(finding.path);
      if (is_access_finding(finding) && count != folded_.end())
        finding.details.emplace_back(detail_key::below, count->second);
    }
  }

 private:
  void tell(const CachePath& at, const FileInfo& meta) {
    const bool foreign = meta.uid != c_.context.user_id;
    // In a shared cache other users' files are normal; the reason is then the mode.
    const bool blame_owner = foreign && (!c_.context.shared_cache || meta.uid == 0);
    if (const auto above = reported_above(at, meta.uid); !above.empty()) {
      ++folded_[above];
      return;
    }
    reported_.emplace(std::pair(at.root, at.path), meta.uid);
    auto& finding = c_.raise(blame_owner ? FindingId::foreign_owner : FindingId::no_access, at,
                             blame_owner ? "belongs to uid " + std::to_string(meta.uid) + ": " +
                                               c_.context.user_name + " cannot use it"
                                         : "its mode keeps " + c_.context.user_name + " out");
    finding.seen = identity_of(meta);
    finding.details.emplace_back(detail_key::uid, std::uint64_t{meta.uid});
    finding.details.emplace_back(detail_key::mode, std::uint64_t{meta.mode});
    if (!c_.context.owner.empty())
      finding.details.emplace_back(detail_key::wanted_owner, c_.context.owner);
  }

  // The path of the finding that already covers `at`, empty for none. That of the repo's folder
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
// those of others block the next download, unless the cache is shared and they belong to an
// ordinary user.
Need of_directory(const RepoCheck& c, const FileInfo& meta) {
  const bool own = meta.uid == c.context.user_id;
  const bool others = c.context.shared_cache && meta.uid != 0;
  return {true, !own && !others, true};
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

void check_access_to(RepoCheck& c, const std::vector<ExtraEntry>& files) {
  AccessRule rule(c);
  for (const auto& file : files)
    rule.inspect("", file.path, file.meta, {});
}

void check_access(RepoCheck& c) {
  AccessRule rule(c);
  for (const auto& directory : c.repo.directories)
    rule.inspect("", directory.path, directory.meta, of_directory(c, directory.meta),
                 directory.root);
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto* content = c.repo.blobs[i].content();
    if (content != nullptr && c.used_blobs[i])
      rule.inspect("blobs/", c.repo.blobs[i].name, *content, {});
  }
  for (const auto& partial : c.repo.partials) {
    if (is_resumed(partial) && !partial.live())
      rule.inspect("", partial.path, partial.meta, {true, true, false});
  }
  for (const auto& ref : c.repo.refs)
    rule.inspect("refs/", ref.name, ref.meta, {});
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
