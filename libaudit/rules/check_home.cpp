#include "rules/check_home.hpp"

namespace hfaudit {
namespace {

// Downloads of the oldest clients: their names omit the blob, and every version starts them anew.
void check_nameless_partials(RepoCheck& c) {
  for (const auto& partial : c.repo.partials) {
    if (!partial.open) {
      raise_orphan_partial(c, partial, "a partial download that no client resumes");
      continue;
    }
    auto& finding =
        c.raise(FindingId::download_in_progress, partial.path, "a running process writes it");
    finding.bytes = partial.present;
    finding.seen = identity_of(partial.meta);
    finding.details.emplace_back(detail_key::pid, static_cast<std::uint64_t>(partial.holder.pid));
  }
}

}  // namespace

std::vector<Finding> check_home(const HomeInventory& home, const std::set<FileKey>* used,
                                const CheckContext& context) {
  const Evidence nothing;
  RepoCheck c(home.things, nothing, context);
  check_exposed_token(c, home.tokens);
  check_misplaced_repo(c, home);
  check_nameless_partials(c);
  if (used != nullptr) check_orphan_payload(c, home.payloads, *used);
  check_locks(c);
  check_orphan_blob(c);
  check_temp_debris(c);
  check_unrecognized_entry(c);
  check_tree_malformed(c);
  if (!context.reads_only) check_access(c);
  check_access_to(c, home.tokens);
  return std::move(c.findings);
}

}  // namespace hfaudit
