#include "rules/check_home.hpp"

#include <algorithm>
#include <map>

namespace hfaudit {
namespace {

void check_tokens(Case& c, const std::vector<Thing>& tokens) {
  constexpr std::uint32_t readable_by_others = 044;
  for (const auto& token : tokens) {
    if ((token.meta.mode & readable_by_others) == 0) continue;
    c.raise(FindingId::exposed_token, token.path, "other users can read this token file").seen =
        seen_of(token.meta);
  }
}

// Downloads of the oldest clients: their names do not tell for what, and no version resumes them.
void check_nameless_partials(Case& c) {
  for (const auto& partial : c.repo.partials) {
    auto& finding =
        partial.open
            ? c.raise(FindingId::download_in_progress, partial.path, "a running process writes it")
            : c.raise(FindingId::orphan_partial, partial.path, "a killed download that no client can resume");
    finding.bytes = partial.open ? partial.present : partial.meta.allocated;
    finding.seen = seen_of(partial.meta);
    if (partial.open) finding.details.emplace_back("pid", static_cast<std::uint64_t>(partial.holder.pid));
  }
}

void check_payloads(Case& c, const std::vector<Payload>& payloads, const std::set<FileKey>* used) {
  if (used == nullptr) return;
  for (const auto& payload : payloads) {
    if (used->contains(payload.meta.key)) continue;
    auto& finding = c.raise(FindingId::orphan_blob, payload.path, "shared content that no repo here uses");
    finding.bytes = payload.meta.allocated;
    finding.seen = seen_of(payload.meta);
  }
}

std::uint64_t uid_of(const Finding& finding) {
  for (const auto& [name, value] : finding.details) {
    if (name == "uid") return std::get<std::uint64_t>(value);
  }
  return 0;
}

}  // namespace

std::vector<Finding> check_home(const HomeInventory& home, const std::set<FileKey>* used,
                                const CheckContext& context) {
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

void fold_nested_access(std::vector<Finding>& findings) {
  std::map<std::string, Finding*> access;
  for (auto& finding : findings) {
    if (finding.id == FindingId::foreign_owner || finding.id == FindingId::no_access)
      access[finding.path] = &finding;
  }
  std::set<std::string> folded;
  for (const auto& [path, finding] : access) {
    if (path == ".") continue;
    Finding* top = path.starts_with('/') || !access.contains(".") ? nullptr : access["."];
    for (auto slash = path.rfind('/'); top == nullptr && slash != std::string::npos && slash > 0;
         slash = path.rfind('/', slash - 1)) {
      const auto above = access.find(path.substr(0, slash));
      if (above != access.end()) top = above->second;
    }
    const bool same = top != nullptr && top->id == finding->id && uid_of(*top) == uid_of(*finding);
    if (same) folded.insert(path);
  }
  std::erase_if(findings, [&](const Finding& f) {
    return (f.id == FindingId::foreign_owner || f.id == FindingId::no_access) && folded.contains(f.path);
  });
}

std::optional<Finding> check_space(std::uint64_t missing, std::optional<std::uint64_t> available,
                                   const std::string& path) {
  if (missing == 0 || !available || *available >= missing) return std::nullopt;
  const auto& info = info_of(FindingId::low_disk_space);
  Finding finding;
  finding.id = info.id;
  finding.severity = info.severity;
  finding.path = path;
  finding.message = human_bytes(missing) + " are missing, and only " + human_bytes(*available) + " are free";
  finding.fix = info.fix;
  finding.details = {{"missing", missing}, {"free", *available}};
  return finding;
}

}  // namespace hfaudit
