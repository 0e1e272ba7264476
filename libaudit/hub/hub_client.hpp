// The Hub as a source of revisions and listings. hub_error.hpp describes its refusals.
#pragma once

#include <stop_token>

#include "hub/tree_api.hpp"

namespace hfaudit {

// For any number of threads. Connections are kept open and shared. The first request is made by the
// first call.
class HubClient {
 public:
  HubClient(HubSettings settings, Token token, HubOptions options = {},
            const std::stop_token& stop = {})
      : connection_(std::move(settings), std::move(token), options, stop) {}

  // The commit that a branch, a tag, refs/pr/1 or a commit names.
  [[nodiscard]] HubResult<std::string> resolve(const RepoId& repo, std::string_view revision) {
    return fetch_commit(connection_, repo, revision);
  }

  // Every file at a commit.
  [[nodiscard]] HubResult<Tree> tree(const RepoId& repo, std::string_view commit) {
    return fetch_tree(connection_, repo, commit);
  }

  // Would the Hub give us this file? Reads it, so a small one is best.
  [[nodiscard]] HubResult<void> try_file(const RepoId& repo, const std::string& commit,
                                         const TreeFile& file) {
    constexpr std::size_t slack = 4096;
    const auto url = connection_.endpoint().resolve_url(repo, commit, file.path);
    auto answer = connection_.get(url, {"download", repo, commit},
                                  static_cast<std::size_t>(file.size) + slack);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return {};
  }

  // Bytes of a file. Errors also where the server sends others than those.
  [[nodiscard]] HubResult<std::string> read_range(const RepoId& repo, const std::string& commit,
                                                  const TreeFile& file, std::uint64_t offset,
                                                  std::uint64_t length) {
    constexpr int partial_content = 206;
    const auto url = connection_.endpoint().resolve_url(repo, commit, file.path);
    const auto range =
        "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + length - 1);
    const Question question{"download", repo, commit};
    auto answer = connection_.get(url, question, static_cast<std::size_t>(length), range);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->response.status != partial_content || answer->response.body.size() != length)
      return tl::unexpected(
          hub_error(HubErrorKind::bad_answer, question, "the server ignores ranges"));
    return std::move(answer->response.body);
  }

  [[nodiscard]] const Endpoint& endpoint() const { return connection_.endpoint(); }
  // The Hub refused the token, and was asked without it: worth a warning.
  [[nodiscard]] bool token_refused() const { return connection_.token_refused(); }

 private:
  HubConnection connection_;
};

}  // namespace hfaudit
