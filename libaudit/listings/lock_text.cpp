// Lock files as text, and the changes between two.
//
//   {"schema": "hfaudit.lock/1",
//    "repos": [
//     {"repo_id": "acme/six", "repo_type": "model", "revision": "main", "commit": "<40 hex>",
//      "files": [
//      {"path": "config.json", "size": 2, "digest": "git-sha1:<40 hex>"},
//      {"path": "model.safetensors", "size": 9, "digest": "sha256:<64 hex>"}
//     ]}
//    ]}
//
// A file a line, so that a diff shows the changed files.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/base64.hpp"
#include "base/format.hpp"
#include "base/numbers.hpp"
#include "base/terminal_text.hpp"
#include "base/text.hpp"
#include "hfaudit/lock.hpp"
#include "hfaudit/render.hpp"
#include "json/node.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view schema_name = "hfaudit.lock/1";
constexpr std::string_view sha256_prefix = "sha256:", git_sha1_prefix = "git-sha1:";
constexpr std::uint64_t most_bytes = std::uint64_t{512} << 20;

std::string digest_of(const LockedFile& file) {
  return file.sha256.empty() ? std::string(git_sha1_prefix) + file.git_sha1
                             : std::string(sha256_prefix) + file.sha256;
}

std::string line_of(const LockedFile& file) {
  Json json{{"path", file.path}, {"size", file.size}, {"digest", digest_of(file)}};
  if (!is_utf8(file.path)) json["path_b64"] = base64(file.path);
  return text_of(json);
}

std::string head_of(const LockedRepo& repo) {
  const Json json{{"repo_id", repo.repo.id},
                  {"repo_type", to_string(repo.repo.type)},
                  {"revision", repo.revision},
                  {"commit", repo.commit}};
  auto text = text_of(json);
  text.pop_back();
  return text + ",\"files\":[";
}

// One event at a time goes into a tree of nodes: lock files are small beside their content.
class NodeHandler final : public JsonHandler {
 public:
  bool on_value(const JsonValue& value, std::size_t) override { return builder_.value(value); }
  bool on_key(std::string_view key, std::size_t) override {
    builder_.key(key);
    return true;
  }
  bool on_close(std::size_t) override {
    builder_.close();
    return true;
  }
  [[nodiscard]] bool done() const { return builder_.done(); }
  [[nodiscard]] JsonNode take() { return builder_.take(); }

 private:
  NodeBuilder builder_;
};

void read_digest(const Fields& fields, LockedFile& file) {
  const auto digest = fields.text("digest");
  const std::string_view text = digest;
  if (text.starts_with(sha256_prefix) && is_sha256(text.substr(sha256_prefix.size()))) {
    file.sha256 = text.substr(sha256_prefix.size());
  } else if (text.starts_with(git_sha1_prefix) &&
             is_commit_hash(text.substr(git_sha1_prefix.size()))) {
    file.git_sha1 = text.substr(git_sha1_prefix.size());
  } else {
    fields.wrong("digest", "neither sha256:<64 hex> nor git-sha1:<40 hex>");
  }
}

LockedFile file_of(const Fields& fields) {
  LockedFile file;
  file.path = fields.path();
  if (!is_safe_relative_path(file.path)) fields.wrong("path", "a path outside the snapshot");
  file.size = fields.count("size");
  read_digest(fields, file);
  return file;
}

LockedRepo repo_of(const Fields& fields) {
  LockedRepo repo;
  const auto type = parse_repo_type(fields.text("repo_type"));
  const auto id = fields.text("repo_id");
  const auto request = parse_repo_request(id, type.value_or(RepoType::model));
  if (!type) fields.wrong("repo_type", "not one of model, dataset, space, kernel");
  if (!request || request->repo.id != id) fields.wrong("repo_id", "not the id of a repo");
  repo.repo = {type.value_or(RepoType::model), id};
  repo.revision = fields.text("revision");
  repo.commit = fields.text("commit");
  if (!is_commit_hash(repo.commit)) fields.wrong("commit", "not a commit");
  const bool plain = !repo.revision.empty() && is_safe_relative_path(repo.revision);
  if (!plain) fields.wrong("revision", "not the name of a revision");
  for (const auto& one : fields.list("files"))
    repo.files.push_back(file_of(one));
  std::sort(repo.files.begin(), repo.files.end(),
            [](const LockedFile& a, const LockedFile& b) { return a.path < b.path; });
  const auto twice =
      std::adjacent_find(repo.files.begin(), repo.files.end(),
                         [](const LockedFile& a, const LockedFile& b) { return a.path == b.path; });
  if (twice != repo.files.end()) fields.wrong("files", "one path twice");
  if (repo.files.empty()) fields.wrong("files", "it names no file");
  return repo;
}

// A commit that is locked under two names, with different files; else null.
const LockedRepo* locked_twice(const LockedRepos& locked) {
  std::map<std::pair<RepoId, std::string>, const LockedRepo*> known;
  for (const auto& repo : locked.repos) {
    const auto [at, fresh] = known.try_emplace({repo.repo, repo.commit}, &repo);
    if (!fresh && at->second->files != repo.files) return &repo;
  }
  return nullptr;
}

std::string in_words(const LockedRepo& repo) {
  return repo.repo.name() + "@" + repo.revision;
}

void add_changes(const LockedRepo& before, const LockedRepo& after,
                 std::vector<std::string>& lines) {
  std::map<std::string, std::pair<const LockedFile*, const LockedFile*>> files;
  for (const auto& file : before.files)
    files[file.path].first = &file;
  for (const auto& file : after.files)
    files[file.path].second = &file;
  for (const auto& [path, versions] : files) {
    const auto& [old_file, new_file] = versions;
    if (old_file == nullptr) {
      lines.push_back("  + " + printable(path) + "  " + human_bytes(new_file->size));
    } else if (new_file == nullptr) {
      lines.push_back("  - " + printable(path) + "  " + human_bytes(old_file->size));
    } else if (*old_file != *new_file) {
      lines.push_back("  ~ " + printable(path) + "  " + human_bytes(old_file->size) + " -> " +
                      human_bytes(new_file->size));
    }
  }
}

}  // namespace

void sort(LockedRepos& locked) {
  std::sort(locked.repos.begin(), locked.repos.end(), [](const LockedRepo& a, const LockedRepo& b) {
    return std::tie(a.repo, a.revision) < std::tie(b.repo, b.revision);
  });
}

std::string format_lock(const LockedRepos& locked) {
  std::string text = formatted("{{\"schema\": \"{}\",\n \"repos\": [", schema_name);
  std::string_view before_repo = "\n";
  for (const auto& repo : locked.repos) {
    text += formatted("{}  {}", before_repo, head_of(repo));
    before_repo = ",\n";
    std::string_view before_file = "\n";
    for (const auto& file : repo.files) {
      text += formatted("{}   {}", before_file, line_of(file));
      before_file = ",\n";
    }
    text += "\n  ]}";
  }
  return text + "\n ]}\n";
}

Result<LockedRepos> parse_lock(std::string_view text) {
  constexpr std::string_view what = "the lock file";
  MemorySource source{text};
  NodeHandler handler;
  if (auto read = read_listing(source, most_bytes, what, handler); !read)
    return tl::unexpected(read.error());
  if (!handler.done()) return failure("parse", what, "it breaks off");
  const auto node = handler.take();
  FirstError wrong;
  const Fields fields(&node, "", wrong);
  LockedRepos locked;
  if (const auto schema = fields.text("schema"); schema != schema_name)
    return failure("parse", what, "its schema is " + printable(schema) + ", not hfaudit.lock/1");
  for (const auto& one : fields.list("repos"))
    locked.repos.push_back(repo_of(one));
  if (wrong.any()) return failure("parse", what, wrong.text());
  sort(locked);
  if (const auto* repo = locked_twice(locked))
    return failure("parse", what,
                   "it has two lists of the files of " + printable(repo->repo.name()) +
                       " at commit " + repo->commit);
  return locked;
}

std::vector<std::string> changes_between(const LockedRepos& before, const LockedRepos& after) {
  std::map<std::pair<RepoId, std::string>, std::pair<const LockedRepo*, const LockedRepo*>> repos;
  for (const auto& repo : before.repos)
    repos[{repo.repo, repo.revision}].first = &repo;
  for (const auto& repo : after.repos)
    repos[{repo.repo, repo.revision}].second = &repo;
  std::vector<std::string> lines;
  for (const auto& [key, versions] : repos) {
    const auto& [old_repo, new_repo] = versions;
    constexpr std::size_t shown = 12;
    if (old_repo == nullptr) {
      lines.push_back("+ " + in_words(*new_repo) + "  " + new_repo->commit.substr(0, shown));
    } else if (new_repo == nullptr) {
      lines.push_back("- " + in_words(*old_repo) + "  " + old_repo->commit.substr(0, shown));
    } else if (*old_repo != *new_repo) {
      lines.push_back("~ " + in_words(*new_repo) + "  " + old_repo->commit.substr(0, shown) +
                      " -> " + new_repo->commit.substr(0, shown));
      add_changes(*old_repo, *new_repo, lines);
    }
  }
  return lines;
}

}  // namespace hfaudit
