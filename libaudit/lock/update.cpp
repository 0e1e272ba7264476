// update_lock(): a lock file by the Hub's listings of today.
#include <algorithm>
#include <set>

#include "hfaudit/lock.hpp"
#include "hub/hub_client.hpp"
#include "listings/locked.hpp"

namespace hfaudit {
namespace {

RepoRefusal refusal_of_update(const LockedRepo& repo, const HubError& error) {
  const bool refused = refusal_of(error.kind) != Refusal::none;
  return {"cannot update " + repo.repo.name() + "@" + repo.revision + ": " + error.error.cause,
          refused ? ExitCode::refused : ExitCode::incomplete};
}

LockedFile locked_from(const TreeFile& file) {
  LockedFile locked{file.path, file.size, file.lfs_sha256.str(), {}};
  if (locked.sha256.empty()) locked.git_sha1 = file.blob_id.str();
  return locked;
}

// Whether all files of the old commit were locked; a commit that the Hub has forgotten was.
HubResult<bool> was_whole(HubClient& client, const LockedRepo& repo) {
  const auto tree = client.tree(repo.repo, repo.commit);
  if (!tree && refusal_of(tree.error().kind) != Refusal::none) return true;
  if (!tree) return tl::unexpected(tree.error());
  return std::all_of(tree->files.begin(), tree->files.end(),
                     [&](const TreeFile& file) { return find_locked(repo, file.path) != nullptr; });
}

HubResult<LockedRepo> update_repo(HubClient& client, const LockedRepo& repo) {
  const auto commit = client.resolve(repo.repo, repo.revision);
  if (!commit) return tl::unexpected(commit.error());
  if (*commit == repo.commit) return repo;
  const auto tree = client.tree(repo.repo, *commit);
  if (!tree) return tl::unexpected(tree.error());
  const auto whole = was_whole(client, repo);
  if (!whole) return tl::unexpected(whole.error());
  LockedRepo updated{repo.repo, repo.revision, *commit, {}};
  for (const auto& file : tree->files) {
    if (*whole || find_locked(repo, file.path) != nullptr)
      updated.files.push_back(locked_from(file));
  }
  return updated;
}

}  // namespace

Result<LockAttempt> update_lock(const Layout& layout, const LockedRepos& locked,
                                const std::stop_token& stop) {
  const auto environment = system_environment();
  auto settings = find_hub_settings(environment);
  if (!settings) return tl::unexpected(settings.error());
  if (!settings->offline.empty())
    return failure("use", "--update", settings->offline + " is set: unset it to ask the Hub");
  auto token = find_token(environment, layout);
  if (!token) return tl::unexpected(token.error());
  HubClient client(std::move(*settings), std::move(*token), {}, stop);
  LockAttempt attempt;
  for (const auto& repo : locked.repos) {
    auto updated = update_repo(client, repo);
    if (updated && updated->files.empty())
      attempt.refused.push_back({"cannot update " + repo.repo.name() + "@" + repo.revision +
                                     ": none of the locked files is in the new commit",
                                 ExitCode::damage});
    else if (updated)
      attempt.locked.repos.push_back(std::move(*updated));
    else
      attempt.refused.push_back(refusal_of_update(repo, updated.error()));
  }
  return attempt;
}

}  // namespace hfaudit
