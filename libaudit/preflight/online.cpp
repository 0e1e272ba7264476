#include "preflight/online.hpp"

#include <algorithm>

#include "base/sum.hpp"
#include "hfaudit/render.hpp"
#include "hub/hub_client.hpp"
#include "preflight/repair_step.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t small_enough = std::uint64_t{1} << 20U;

OnlineAnswer answer_of(const HubError& error) {
  const auto code =
      refusal_of(error.kind) == Refusal::none ? ExitCode::incomplete : ExitCode::refused;
  return {code, printable(error.error.cause), {}};
}

// The smallest file that stands for the rest: a gate closes the files, but leaves the listing open.
const TreeFile* sample_of(const Tree& tree) {
  const TreeFile* best = nullptr;
  for (const auto& file : tree.files) {
    const bool open_to_all = file.path == "README.md" || file.path == ".gitattributes";
    if (open_to_all || file.size > small_enough) continue;
    if (best == nullptr || file.size < best->size) best = &file;
  }
  return best;
}

}  // namespace

OnlineAnswer check_online(const Layout& layout, const RepoRequest& repo,
                          const std::string& commit_here, std::optional<std::uint64_t> missing,
                          bool mark_moved, const std::stop_token& stop) {
  const auto environment = system_environment();
  auto settings = find_hub_settings(environment);
  if (!settings) return {ExitCode::incomplete, printable(settings.error().cause), {}};
  auto token = find_token(environment, layout);
  if (!token) return {ExitCode::incomplete, printable(token.error().cause), {}};
  constexpr unsigned patience_s = 5;
  settings->etag_timeout_s = std::min(settings->etag_timeout_s, patience_s);
  HubOptions options;
  options.retry = {2, 0.2, 1, patience_s};
  HubClient client(std::move(*settings), std::move(*token), options, stop);

  OnlineAnswer answer;
  std::string commit = commit_here;
  if (commit.empty()) {
    auto resolved = client.resolve(repo.repo, repo.revision.value_or("main"));
    if (!resolved) return answer_of(resolved.error());
    commit = std::move(*resolved);
  } else if (mark_moved) {
    const auto now = client.resolve(repo.repo, repo.revision.value_or("main"));
    if (now && *now != commit)
      answer.note = "the Hub's " + printable(repo.revision.value_or("main")) + " is now " + *now;
  }
  const auto tree = client.tree(repo.repo, commit);
  if (!tree) return answer_of(tree.error());
  if (const auto* file = sample_of(*tree)) {
    if (auto given = client.try_file(repo.repo, commit, *file); !given)
      return answer_of(given.error());
  }
  std::uint64_t needed = missing.value_or(0);
  if (!missing) {
    for (const auto& file : tree->files)
      add_size(needed, file.size);
  }
  const auto room = free_bytes_at(layout.hub_cache.path);
  if (needed != 0 && room && *room < needed)
    return {ExitCode::incomplete,
            "not enough disk space: " + human_bytes(needed) + " needed, " + human_bytes(*room) +
                " free",
            {}};
  return answer;
}

}  // namespace hfaudit
