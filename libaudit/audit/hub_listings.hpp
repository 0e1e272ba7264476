// The Hub's listings of the revisions of an audit (`--online`).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "hfaudit/layout.hpp"
#include "hub/hub_client.hpp"

namespace hfaudit {

// `on`: each commit is requested once, however often its repo is scanned, so that content is judged
// by the listing for which it was read.
enum class ListingCache : std::uint8_t { off, on };

// For any number of threads. A Hub that cannot be reached, or has errors, is tried for one repo and
// then left alone: the audit continues with the evidence on the disk, and reports that. A failure
// common to all repos is reported once.
class HubListings {
 public:
  // From the process's environment. Errors: settings that every client refuses; HF_HUB_OFFLINE is
  // set.
  [[nodiscard]] static Result<std::unique_ptr<HubListings>> open(const Layout& layout,
                                                                 ListingCache cache,
                                                                 const std::stop_token& stop);

  // Puts the Hub's listings beside the cached ones: of the requested commit, else of those that
  // refs name, else of all.
  void add_to(Evidence& evidence, const RepoInventory& repo, const std::string& asked);

  // The refusals of the Hub, by the snapshot's path in the hub cache, and failed requests.
  [[nodiscard]] std::vector<Unreadable> take_unreadable() { return std::move(unreadable_); }

 private:
  HubListings(HubSettings settings, Token token, ListingCache cache, const std::stop_token& stop)
      : client_(std::move(settings), std::move(token), {}, stop), cache_(cache) {}
  [[nodiscard]] std::optional<Tree> ask(const RepoId& repo, const std::string& commit);
  void note(const RepoId& repo, const std::string& commit, const HubError& error);

  HubClient client_;
  ListingCache cache_;
  std::mutex mutex_;
  std::map<std::pair<RepoId, std::string>, Tree> kept_;
  // listings that the Hub refused: requested once
  std::set<std::pair<RepoId, std::string>> without_;
  std::vector<Unreadable> unreadable_;
  // the Hub is unreachable, or its answer is unusable: further questions are skipped
  bool lost_ = false;
};

}  // namespace hfaudit
