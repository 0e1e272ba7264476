#include "check/check_home.hpp"

#include <algorithm>

namespace hfaudit {
namespace {

void check_tokens(Case& c, const std::vector<Thing>& tokens) {
  constexpr std::uint32_t readable_by_others = 044;
  for (const auto& token : tokens) {
    if ((token.meta.mode & readable_by_others) == 0) continue;
    c.raise(FindingId::exposed_token, token.path, "other users can read this token file");
  }
}

// Downloads of the oldest clients: their names do not tell for what, and no version resumes them.
void check_nameless_partials(Case& c) {
  for (const auto& partial : c.repo.partials) {
    auto& finding = partial.open ? c.raise(FindingId::download_in_progress, partial.path, "a running process writes it")
                                 : c.raise(FindingId::orphan_partial, partial.path,
                                           "a killed download that no client can resume");
    finding.bytes = partial.open ? partial.present : partial.meta.allocated;
    if (partial.open) finding.details.emplace_back("pid", static_cast<std::uint64_t>(partial.holder.pid));
  }
}

void check_payloads(Case& c, const std::vector<Payload>& payloads, const std::set<FileKey>* used) {
  if (used == nullptr) return;
  for (const auto& payload : payloads) {
    if (used->contains(payload.meta.key)) continue;
    auto& finding = c.raise(FindingId::orphan_blob, payload.path, "shared content that no repo here uses");
    finding.bytes = payload.meta.allocated;
  }
}

}  // namespace

std::vector<Finding> check_home(const HomeInventory& home, const std::set<FileKey>* used, const CheckContext& context) {
  const Evidence nothing;
  Case c(home.things, nothing, context);
  check_tokens(c, home.tokens);
  check_nameless_partials(c);
  check_payloads(c, home.payloads, used);
  check_locks(c);
  check_leftovers(c);
  check_access(c);
  check_access_to(c, home.tokens);
  return std::move(c.findings);
}

std::optional<Finding> check_space(std::uint64_t missing, std::optional<std::uint64_t> available,
                                   const std::string& path) {
  if (missing == 0 || !available || *available >= missing) return std::nullopt;
  const auto& info = info_of(FindingId::low_disk_space);
  Finding finding;
  finding.id = info.id;
  finding.severity = info.severity;
  finding.path = path;
  finding.message = shown_bytes(missing) + " are missing, and only " + shown_bytes(*available) + " are free";
  finding.fix = info.fix;
  finding.details = {{"missing", missing}, {"free", *available}};
  return finding;
}

}  // namespace hfaudit
