// The names of things in a cache: repos, commits, and how a repo is called on disk and on a command
// line. Pure: without I/O.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit {

enum class RepoType : std::uint8_t { model, dataset, space, kernel };

// "model", "dataset", "space", "kernel".
[[nodiscard]] std::string_view to_string(RepoType type);
// Accepts the singular and the plural ("model", "models").
[[nodiscard]] std::optional<RepoType> parse_repo_type(std::string_view text);

// A repo on the Hub: `acme/six`, or `gpt2` for the old ones without an organisation.
struct RepoId {
  RepoType type = RepoType::model;
  std::string id;

  auto operator<=>(const RepoId&) const = default;

  // `models--acme--six`: the folder below the hub cache, as huggingface_hub's repo_folder_name
  // makes it.
  [[nodiscard]] std::string folder() const;
  // `acme/six`, `datasets/acme/six`: as the command line takes it.
  [[nodiscard]] std::string name() const;
};

// The inverse of RepoId::folder; nullopt for any other name.
[[nodiscard]] std::optional<RepoId> parse_repo_folder(std::string_view folder);

// A repo as a user names it on the command line.
struct RepoRequest {
  RepoId repo;
  std::optional<std::string> revision;  // a commit, a branch, a tag, refs/pr/1
  std::string file{};                   // of a pasted URL of one file: its path in the repo
  std::vector<std::string> only{};      // paths, in place of --include and --exclude; empty: those

  [[nodiscard]] std::string name() const;  // "datasets/acme/d@main": as the command line takes it
};

// The contract's REPO grammar:
//
//   org/name, name, org/name@revision       also with models/, datasets/, spaces/, kernels/ before
//                                           it, in the singular too, as `hf cache ls` prints it
//   hf://…, hf://org/name:revision          the second one as KServe writes it
//   https://huggingface.co/org/name/tree/v1 a pasted URL of the Hub, with or without its scheme
//   models--org--name                       the folder in the cache
//
// `fallback` is the type of a REPO without one; `endpoint` the URL of the Hub that is in use, whose
// pages are accepted as well. Errors: empty parts, `..`, `--`, more than one slash; a path; a tag
// after a colon; a URL of another site. The error names the likely meaning.
[[nodiscard]] Result<RepoRequest> parse_repo_request(std::string_view text,
                                                     RepoType fallback = RepoType::model,
                                                     std::string_view endpoint = {});

// Whether the text can only be a path: it begins with `/`, `./`, `../` or `~`, or leads through a
// repo folder of a cache.
[[nodiscard]] bool is_path_like(std::string_view text);

// A path through a repo folder of a cache: the folder that holds it, and the repo, with the commit
// or the ref that the path names. nullopt for any other path. Lexical.
struct CachedPath {
  std::string hub;
  RepoRequest request;
};
[[nodiscard]] std::optional<CachedPath> parse_cached_path(std::string_view path);

// 40 lower-case hex digits: a git commit, or a git blob's name.
[[nodiscard]] bool is_commit_hash(std::string_view text);
// 64 lower-case hex digits: the sha256 of a file, or a Xet hash.
[[nodiscard]] bool is_sha256(std::string_view text);

}  // namespace hfaudit
