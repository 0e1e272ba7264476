#include "scan/git_clone.hpp"

#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <string_view>

#include "base/path.hpp"
#include "base/terminal_text.hpp"
#include "base/text.hpp"
#include "formats/examine.hpp"
#include "hfaudit/layout.hpp"
#include "listings/git_head.hpp"
#include "os/capture.hpp"
#include "os/users.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view git_folder = ".git";
// the length of an oid and a size, and the longest pointer of git-lfs
constexpr std::uint64_t least_pointer_bytes = 80, most_pointer_bytes = 1'024;
constexpr std::size_t most_answer_bytes = std::size_t{256} * 1024 * 1024;

class Git {
 public:
  explicit Git(const std::string& path) {
    words_ = {"git",
              "--no-pager",
              "--no-optional-locks",
              "--no-replace-objects",
              "-c",
              "core.fsmonitor=false",
              "-c",
              "core.hooksPath=/dev/null",
              "-c",
              "submodule.recurse=false",
              "-c",
              "protocol.allow=never",
              "-C",
              path};
    // git must leave the missing objects of a partial clone unfetched: versions before 2.45 offer
    // only a ban of all protocols for that.
    environment_ = {"PATH=" + system_environment().get("PATH").value_or("/usr/bin:/bin"),
                    "HOME=/nonexistent",
                    "XDG_CONFIG_HOME=/nonexistent",
                    "LC_ALL=C",
                    "GIT_ALLOW_PROTOCOL=none",
                    "GIT_ATTR_NOSYSTEM=1",
                    "GIT_CEILING_DIRECTORIES=" + std::string(parent_path(path)),
                    "GIT_CONFIG_GLOBAL=/dev/null",
                    "GIT_CONFIG_NOSYSTEM=1",
                    "GIT_NO_LAZY_FETCH=1",
                    "GIT_TERMINAL_PROMPT=0"};
  }

  // Its standard output.
  [[nodiscard]] Result<std::string> ask(const std::vector<std::string>& command,
                                        std::string_view input = {}) const {
    auto words = words_;
    words.insert(words.end(), command.begin(), command.end());
    constexpr os::CaptureLimits limits{most_answer_bytes, std::chrono::seconds(60)};
    auto captured = os::capture(words, environment_, input, limits);
    if (!captured) {
      const bool absent = captured.error().code == ENOENT;
      return failure("read", git_folder,
                     absent ? "git is not installed" : "git: " + captured.error().cause, 0);
    }
    if (captured->code != 0) return failure("read", git_folder, reason_of(*captured), 0);
    return std::move(captured->out);
  }

 private:
  static std::string reason_of(const os::Captured& captured) {
    std::string_view errors = captured.errors;
    auto line = trim(take_line(errors));
    constexpr std::size_t longest = 300;
    constexpr std::string_view fatal = "fatal: ";
    if (line.starts_with(fatal)) line.remove_prefix(fatal.size());
    if (line.empty()) return "git ended with " + std::to_string(captured.code);
    return "git: " + std::string(line.substr(0, longest));
  }

  std::vector<std::string> words_, environment_;
};

// git refuses a clone of another user since 2.35.2, and reads it before.
Result<void> check_owner(const os::Directory& root, const FileInfo& git) {
  const auto folder = root.stat_self();
  if (!folder) return tl::unexpected(folder.error());
  const auto us = os::this_user().uid();
  for (const auto uid : {folder->uid, git.uid}) {
    if (uid != us)
      return failure("read", git_folder,
                     "it is a git clone of " + os::user_name(uid) +
                         ", whose configuration git does not trust for another user",
                     EACCES);
  }
  return {};
}

bool may_be_pointer(const GitFile& file) {
  return file.size && *file.size >= least_pointer_bytes && *file.size <= most_pointer_bytes;
}

Result<std::string> read_small_objects(const Git& git, const std::vector<GitFile>& files) {
  std::set<std::string_view> objects;
  for (const auto& file : files) {
    if (may_be_pointer(file)) objects.insert(file.object);
  }
  std::string names;
  for (const auto object : objects)
    names.append(object).push_back('\n');
  if (names.empty()) return std::string();
  return git.ask({"cat-file", "--batch"}, names);
}

TreeFile tree_file(const GitFile& file,
                   const std::map<std::string_view, std::string_view>& objects) {
  TreeFile listed;
  listed.path = file.path;
  listed.size = file.size.value_or(0);
  constexpr std::size_t sha1_digits = 40;
  if (file.size && file.object.size() == sha1_digits) listed.blob_id = file.object;
  const auto content = objects.find(file.object);
  if (content == objects.end()) return listed;
  if (auto pointer = parse_lfs_pointer(content->second)) {
    listed.size = pointer->size;
    listed.lfs_sha256 = pointer->sha256;
  }
  return listed;
}

}  // namespace

Result<std::optional<GitClone>> read_git_clone(const os::Directory& root, const std::string& path) {
  const auto meta = root.stat(std::string(git_folder));
  if (!meta || (meta->type != FileType::directory && meta->type != FileType::regular))
    return std::nullopt;
  if (auto owned = check_owner(root, *meta); !owned) return tl::unexpected(owned.error());
  const Git git(path);
  const auto named =
      git.ask({"rev-parse", "--show-cdup", "HEAD^{commit}", "--symbolic-full-name", "HEAD"})
          .and_then(parse_git_head);
  if (!named) return tl::unexpected(named.error());
  const auto files =
      git.ask({"ls-tree", "-r", "-z", "-l", "--full-tree", named->commit}).and_then(parse_git_tree);
  if (!files) return tl::unexpected(files.error());
  const auto index = git.ask({"ls-files", "-z", "-t"}).and_then(parse_git_index);
  if (!index) return tl::unexpected(index.error());
  const auto answer = read_small_objects(git, *files);
  if (!answer) return tl::unexpected(answer.error());
  const auto objects = parse_git_objects(*answer);
  if (!objects) return tl::unexpected(objects.error());

  GitClone clone{named->commit, named->branch, {}, {}};
  for (const auto& file : *files) {
    clone.tree.files.push_back(tree_file(file, *objects));
    if (index->wants(file.path)) clone.wanted.push_back(file.path);
  }
  return clone;
}

}  // namespace hfaudit
