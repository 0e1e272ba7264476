// The names of things in a cache: repos, commits, and how a repo is called on disk and on a command
// line. Pure: nothing here touches the file system.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

// The inverse of RepoId::folder; nullopt for a name that is no repo folder.
[[nodiscard]] std::optional<RepoId> parse_repo_folder(std::string_view folder);

// What a user names on the command line, by the contract's REPO grammar: `org/name`, `name`,
// `org/name@revision`,
// `models/…`, `datasets/…`, `spaces/…`, `kernels/…` (and the singular), `hf://…`.
struct RepoRequest {
  RepoId repo;
  std::optional<std::string> revision;  // a commit, a branch, a tag, refs/pr/1
};

// `fallback` is the type of a REPO that names none. Errors: empty parts, `..`, `--`, more than one
// slash.
[[nodiscard]] Result<RepoRequest> parse_repo_request(std::string_view text,
                                                     RepoType fallback = RepoType::model);

// 40 lower-case hex digits: a git commit, or a git blob's name.
[[nodiscard]] bool is_commit_hash(std::string_view text);
// 64 lower-case hex digits: the sha256 of a file, or a Xet hash.
[[nodiscard]] bool is_sha256(std::string_view text);

}  // namespace hfaudit
