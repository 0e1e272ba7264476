#include "audit/hub_listings.hpp"

#include <algorithm>
#include <set>

#include "hfaudit/identity.hpp"

namespace hfaudit {
namespace {

// Old snapshots may be of commits that the Hub has forgotten: they are requested only where the
// repo lacks refs.
std::set<std::string> commits_to_list(const RepoInventory& repo, const std::string& asked) {
  std::set<std::string> commits;
  if (!asked.empty()) return {asked};
  for (const auto& ref : repo.refs)
    commits.insert(ref.commit);
  if (!commits.empty()) return commits;
  for (const auto& revision : repo.revisions)
    commits.insert(revision.commit);
  return commits;
}

}  // namespace

Result<std::unique_ptr<HubListings>> HubListings::open(const Layout& layout, ListingCache cache,
                                                       const std::stop_token& stop) {
  const auto environment = system_environment();
  auto settings = find_hub_settings(environment);
  if (!settings) return tl::unexpected(settings.error());
  if (!settings->offline.empty())
    return failure("use", "--online", settings->offline + " is set: unset it to ask the Hub");
  auto token = find_token(environment, layout);
  if (!token) return tl::unexpected(token.error());
  return std::unique_ptr<HubListings>(
      new HubListings(std::move(*settings), std::move(*token), cache, stop));
}

void HubListings::add_to(Evidence& evidence, const RepoInventory& repo, const std::string& asked) {
  const auto commits = commits_to_list(repo, asked);
  for (std::size_t i = 0; i < repo.revisions.size(); ++i) {
    const auto& commit = repo.revisions[i].commit;
    if (is_commit_hash(commit) && commits.contains(commit))
      evidence.revisions[i].hub = ask(repo.repo, commit);
  }
}

std::optional<Tree> HubListings::ask(const RepoId& repo, const std::string& commit) {
  const std::pair key{repo, commit};
  {
    const std::scoped_lock lock(mutex_);
    if (const auto kept = kept_.find(key); kept != kept_.end()) return kept->second;
    if (lost_ || without_.contains(key)) return std::nullopt;
  }
  auto tree = client_.tree(repo, commit);
  const std::scoped_lock lock(mutex_);
  if (tree && cache_ == ListingCache::on)
    return kept_.insert_or_assign(key, std::move(*tree)).first->second;
  if (tree) return std::move(*tree);
  note(repo, commit, tree.error());
  without_.insert(key);
  return std::nullopt;
}

void HubListings::note(const RepoId& repo, const std::string& commit, const HubError& error) {
  if (refusal_of(error.kind) != Refusal::none) {
    unreadable_.push_back({repo.folder() + "/snapshots/" + commit,
                           error.error.operation,
                           error.error.cause,
                           {},
                           true});
    return;
  }
  if (lost_) return;
  lost_ = error.kind == HubErrorKind::unreachable || error.kind == HubErrorKind::rate_limited ||
          error.kind == HubErrorKind::server_error || error.kind == HubErrorKind::interrupted;
  Unreadable unreadable{client_.endpoint().shown(), error.error.operation, error.error.cause};
  const bool reported =
      std::any_of(unreadable_.begin(), unreadable_.end(), [&](const Unreadable& other) {
        return other.path == unreadable.path && other.cause == unreadable.cause;
      });
  if (!reported) unreadable_.push_back(std::move(unreadable));
}

}  // namespace hfaudit
