#include "hub/tree_api.hpp"

#include <optional>
#include <set>
#include <utility>

#include "base/repo_name.hpp"
#include "base/text.hpp"
#include "hub/tree_page.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t most_page_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_pages = 10'000;  // of a thousand entries each

[[nodiscard]] HubError not_understood(const HubConnection& connection, const Question& question,
                                      const http::Response& response, const Error& error) {
  const bool page = trim(std::string_view(response.body).substr(0, 64)).starts_with('<');
  const auto what = page ? "a web page" : error.subject + " that cannot be used: " + error.cause;
  return hub_error(HubErrorKind::bad_answer, question,
                   "the answer is " + std::string(page ? "" : "a ") + what +
                       "; check the proxy and " + endpoint_text(connection.endpoint()));
}

// The query of the next page, empty after the last one. nullopt: a link that leads nowhere.
[[nodiscard]] std::optional<std::string> next_query(const Answer& answer) {
  for (const auto& header : answer.response.headers.list) {
    if (header.name.size() != 4 || !starts_with_lower(header.name, "link")) continue;
    const auto link = next_link(header.value);
    if (!link) continue;
    const auto url = resolve_location(answer.url, *link);
    return url && !url->query.empty() ? std::optional(url->query) : std::nullopt;
  }
  return "";
}

}  // namespace

HubResult<std::string> fetch_commit(HubConnection& connection, const RepoId& repo,
                                    std::string_view revision) {
  const Question question{"resolve", repo, std::string(revision)};
  // A repo folder in a cache may have any name.
  if (!is_repo_name(repo.id) || !is_revision_name(revision))
    return tl::unexpected<HubError>(
        hub_error(HubErrorKind::repo_not_found, question, "no repo or revision has such a name"));
  const auto answer =
      connection.get(connection.endpoint().revision_url(repo, revision), question, most_page_bytes);
  if (!answer) return tl::unexpected<HubError>(answer.error());
  MemorySource source(answer->response.body);
  const auto sha = read_revision_sha(source);
  if (!sha)
    return tl::unexpected<HubError>(
        not_understood(connection, question, answer->response, sha.error()));
  return *sha;
}

namespace {

// The listing of a mirror that lacks the route of the tree. nullopt: it lacks that list, too.
[[nodiscard]] std::optional<Tree> fetch_siblings(HubConnection& connection, const RepoId& repo,
                                                 std::string_view commit) {
  const Question question{"list", repo, std::string(commit)};
  const auto url = connection.endpoint().revision_url(repo, commit) + "?blobs=true";
  const auto answer = connection.get(url, question, most_page_bytes);
  if (!answer) return std::nullopt;
  std::vector<TreeFile> files;
  MemorySource source(answer->response.body);
  if (!read_siblings(source, files)) return std::nullopt;
  auto tree = make_tree(std::move(files));
  return tree ? std::optional<Tree>(*std::move(tree)) : std::nullopt;
}

}  // namespace

HubResult<Tree> fetch_tree(HubConnection& connection, const RepoId& repo, std::string_view commit) {
  const Question question{"list", repo, std::string(commit)};
  if (!is_repo_name(repo.id) || !is_revision_name(commit))
    return tl::unexpected<HubError>(
        hub_error(HubErrorKind::repo_not_found, question, "no repo or revision has such a name"));
  const auto bad = [&](std::string_view cause) {
    return tl::unexpected<HubError>(hub_error(HubErrorKind::bad_answer, question, cause));
  };
  std::vector<TreeFile> files;
  std::set<std::string> queries;  // a listing that repeats a page is endless
  auto url = connection.endpoint().tree_url(repo, commit);
  for (;;) {
    const auto answer = connection.get(url, question, most_page_bytes);
    const bool no_route = !answer && answer.error().kind == HubErrorKind::bad_answer;
    if (no_route && queries.empty()) {
      if (auto tree = fetch_siblings(connection, repo, commit)) return *std::move(tree);
    }
    if (!answer) return tl::unexpected<HubError>(answer.error());
    MemorySource source(answer->response.body);
    const auto read = read_tree_page(source, files);
    if (!read)
      return tl::unexpected<HubError>(
          not_understood(connection, question, answer->response, read.error()));
    auto query = next_query(*answer);
    if (!query) return bad("the listing's next page has no address");
    if (query->empty()) break;
    auto next = answer->url;
    next.query = *query;
    url = next.text();
    if (!queries.insert(*std::move(query)).second || queries.size() > most_pages)
      return bad("the file listing does not end");
  }
  auto tree = make_tree(std::move(files));
  if (!tree) return bad("the listing cannot be used: " + tree.error().cause);
  return *std::move(tree);
}

}  // namespace hfaudit
