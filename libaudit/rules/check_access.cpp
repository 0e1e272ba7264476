#include <map>
#include <set>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// What the cache's user needs of an entry.
struct Need {
  bool read = true, write = false, enter = false;
};

// Raises one finding for the topmost of nested entries of one foreign owner, and counts the rest into it.
class AccessRule {
 public:
  explicit AccessRule(Case& c) : c_(c) {}

  // `folder` and `name` make the path; put together only where something is amiss.
  void look(std::string_view folder, std::string_view name, const Meta& meta, const Need& need) {
    const auto& access = meta.access;
    const bool lacks =
        (need.read && !access.read) || (need.write && !access.write) || (need.enter && !access.enter);
    if (lacks) tell(std::string(folder) + std::string(name), meta);
  }

  void finish() {
    for (auto& finding : c_.findings) {
      const auto count = folded_.find(finding.path);
      const bool access = finding.id == FindingId::foreign_owner || finding.id == FindingId::no_access;
      if (access && count != folded_.end()) finding.details.emplace_back("below", count->second);
    }
  }

 private:
  void tell(const std::string& path, const Meta& meta) {
    const bool foreign = meta.uid != c_.context.user_id;
    // In a shared cache other users' files are as it should be; what keeps the user out is then the mode.
    const bool blame_owner = foreign && (!c_.context.shared_cache || meta.uid == 0);
    if (const auto above = reported_above(path, meta.uid); !above.empty()) {
      ++folded_[above];
      return;
    }
    reported_.emplace(path, meta.uid);
    auto& finding = c_.raise(
        blame_owner ? FindingId::foreign_owner : FindingId::no_access, path,
        blame_owner ? "belongs to uid " + std::to_string(meta.uid) + ": " + c_.context.user_name + " cannot use it"
                    : "its mode keeps " + c_.context.user_name + " out");
    finding.seen = seen_of(meta);
    finding.details.emplace_back("uid", std::uint64_t{meta.uid});
    finding.details.emplace_back("mode", std::uint64_t{meta.mode});
    if (!c_.context.owner.empty()) finding.details.emplace_back("wanted_owner", c_.context.owner);
  }

  // The path of the finding that already covers `path`, empty for none.
  [[nodiscard]] std::string reported_above(std::string path, std::uint32_t uid) const {
    for (;;) {
      const auto slash = path.rfind('/');
      if (path.empty()) return {};
      path.resize(slash == std::string::npos ? 0 : slash);
      const auto found = reported_.find(path);
      if (found != reported_.end() && found->second == uid) return c_.full_path(path);
    }
  }

  Case& c_;
  std::map<std::string, std::uint32_t> reported_;
  std::map<std::string, std::uint64_t> folded_;
};

// A client adds files to the folders. Folders that their own user made read-only are meant so; those of others are
// in the way of the next download, unless the cache is shared and they belong to an ordinary user.
Need of_directory(const Case& c, const Meta& meta) {
  const bool own = meta.uid == c.context.user_id;
  const bool others = c.context.shared_cache && meta.uid != 0;
  return {true, !own && !others, true};
}

// Old clients append to `<etag>.incomplete`; the newer ones leave other processes' partials alone.
bool is_resumed(const Partial& partial) {
  return partial.path == "blobs/" + partial.etag + ".incomplete";
}

}  // namespace

void check_access_to(Case& c, const std::vector<Thing>& files) {
  AccessRule rule(c);
  for (const auto& file : files)
    rule.look("", file.path, file.meta, {});
}

void check_access(Case& c) {
  AccessRule rule(c);
  for (const auto& directory : c.repo.directories) {
    rule.look(directory.note == "hub" ? "//" : "", directory.path, directory.meta, of_directory(c, directory.meta));
  }
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto* content = c.repo.blobs[i].content();
    if (content != nullptr && c.used_blobs[i]) rule.look("blobs/", c.repo.blobs[i].name, *content, {});
  }
  for (const auto& partial : c.repo.partials) {
    if (is_resumed(partial) && !partial.live()) rule.look("", partial.path, partial.meta, {true, true, false});
  }
  for (const auto& ref : c.repo.refs)
    rule.look("refs/", ref.name, ref.meta, {});
  for (const auto& state : c.states) {
    for (const auto& entry : state.revision->entries) {
      if (entry.kind == EntryKind::copy) rule.look("", c.place(state, entry.path), entry.meta, {});
    }
  }
  rule.finish();
}

}  // namespace hfaudit
