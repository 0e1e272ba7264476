// Git's data on the commit that a clone has checked out: the answers of its commands, read within
// bounds. Pure; free of exceptions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit {

// `git rev-parse --show-cdup HEAD^{commit} --symbolic-full-name HEAD`, asked in the clone's own
// folder. Error: it is another folder's clone, or HEAD lacks a commit.
struct GitHead {
  std::string commit;
  std::string branch;  // empty where HEAD is detached
};
[[nodiscard]] Result<GitHead> parse_git_head(std::string_view answer);

// A regular file of a commit. Links and submodules are left out.
struct GitFile {
  std::string path;                   // safe, as TreeFile::path
  std::string object;                 // 40 or 64 hex
  std::optional<std::uint64_t> size;  // of the object; nullopt: the clone lacks it
};

// `git ls-tree -r -z -l --full-tree`; sorted by path, each once.
[[nodiscard]] Result<std::vector<GitFile>> parse_git_tree(std::string_view answer);

// `git ls-files -z -t`: the expected files of the working tree. Both sorted.
struct GitIndex {
  std::vector<std::string> tracked;  // each path, skipped ones included
  std::vector<std::string> skipped;  // that a sparse checkout leaves out

  [[nodiscard]] bool wants(const std::string& path) const;
};
[[nodiscard]] Result<GitIndex> parse_git_index(std::string_view answer);

// `git cat-file --batch`: the content of each object that the clone has, by its name. Views into
// the answer. Error: it breaks off.
[[nodiscard]] Result<std::map<std::string_view, std::string_view>> parse_git_objects(
    std::string_view answer);

}  // namespace hfaudit
