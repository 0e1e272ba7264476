#include "report/advice.hpp"

#include <algorithm>
#include <optional>

#include "base/format.hpp"
#include "base/shell.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit::report {
namespace {

// The kind of repair of a finding.
enum class Remedy : std::uint8_t {
  none,                 // all is well, or the user has to decide
  repair,               // of its repo; of the whole cache for entries outside of all repos
  pull,                 // of its repo: present files are kept
  pull_other,           // the repo that this one's files name
  repair_unverifiable,  // with hashes of the Hub, where the repo is on it
  repair_orphans,       // the same, but only where it is requested by that name
  repair_access,        // of the user's own entries in a shared cache
  root,                 // entries of another user
  inspect_process,
  advise_on_space
};

bool is_shared(const Finding& finding) {
  return number_detail(finding, detail_key::shared_with).has_value();
}

bool is_of_another_member(const Finding& finding) {
  return is_shared(finding) && number_detail(finding, detail_key::foreign).value_or(0) != 0;
}

Remedy remedy_of(const Finding& finding) {
  switch (finding.id) {
    case FindingId::foreign_owner:
      return Remedy::root;
    case FindingId::no_access:
    case FindingId::stale_lock:
      if (finding.fix == fix::chown || is_of_another_member(finding)) return Remedy::root;
      if (finding.fix.empty()) return Remedy::none;
      return is_shared(finding) ? Remedy::repair_access : Remedy::repair;
    case FindingId::orphan_blob:
      return Remedy::repair_orphans;
    case FindingId::missing_weights:
      return Remedy::pull;
    case FindingId::missing_code:
      return number_detail(finding, detail_key::listed) ? Remedy::none : Remedy::pull;
    case FindingId::missing_dependency:
      return Remedy::pull_other;
    case FindingId::unverifiable:
      return Remedy::repair_unverifiable;
    case FindingId::detached_revision:
      return number_detail(finding, detail_key::refs) ? Remedy::pull : Remedy::none;
    case FindingId::unattributed_download:
      return finding.fix.empty() ? Remedy::pull : Remedy::repair;
    case FindingId::stalled_download:
      return Remedy::inspect_process;
    case FindingId::low_disk_space:
      return Remedy::advise_on_space;
    default:
      return finding.fix.empty() ? Remedy::none : Remedy::repair;
  }
}

// The options that make a repair work in the same place that was audited.
std::string same_location(const Report& report) {
  std::string options;
  for (const std::string_view option : {"--local-dir", "--hf-home", "--cache-dir"}) {
    const ScannedLocation* place = location_named_by_option(report, option);
    if (place == nullptr) continue;
    const bool hub = place->what == "hub";
    const bool home = option == "--hf-home";
    // A named home shows in where its parts lie.
    options += formatted(" {} {}", option, shell_quote(home && hub ? report.hf_home : place->path));
  }
  return options;
}

// The audited part of the repos: absent files outside of it are unwanted.
std::string same_part(const Report& report) {
  std::string options;
  for (const auto& pattern : report.asked.include)
    options += " --include " + shell_quote(pattern);
  for (const auto& pattern : report.asked.exclude)
    options += " --exclude " + shell_quote(pattern);
  if (!report.asked.locked.empty()) options += " --locked " + shell_quote(report.asked.locked);
  return options;
}

// Root's environment differs from the user's, so the command names the cache.
std::string same_location_for_root(const Report& report) {
  if (const ScannedLocation* local = location_named_by_option(report, "--local-dir"))
    return formatted(" --local-dir {}", shell_quote(local->path));
  std::string options = formatted(" --hf-home {}", shell_quote(report.hf_home));
  if (!report.hub_cache.empty() && report.hub_cache != report.hf_home + "/hub")
    options += formatted(" --cache-dir {}", shell_quote(report.hub_cache));
  return options;
}

// Could the repo be on the Hub?
bool is_plausible(const RepoId& repo) {
  return !repo.id.empty() && repo.id.front() != '-' &&
         std::all_of(repo.id.begin(), repo.id.end(),
                     [](char c) { return c == '/' || is_name_character(c); });
}

// The repo as it was requested; of a revision without a ref, the commit, since it is repaired only
// if it is named.
std::string argument_of(const Report& report, const Finding& finding) {
  const std::string name = finding.repo->name();
  const auto asked =
      std::find_if(report.asked.repos.begin(), report.asked.repos.end(),
                   [&](const std::string& text) { return text.starts_with(name + "@"); });
  if (asked != report.asked.repos.end()) return *asked;
  const bool detached =
      finding.severity < info_of(finding.id).severity && is_commit_hash(finding.revision);
  return detached ? name + "@" + finding.revision : name;
}

bool used_hub(const Report& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return text_detail(finding, detail_key::basis) == to_string(Basis::hub);
  });
}

// Where the repo of a folder is unknown, a command would need its name.
bool lacks_name(const Report& report, const Finding& finding) {
  const bool named = finding.repo && !finding.repo->id.empty();
  return !named && location_named_by_option(report, "--local-dir") != nullptr;
}

bool needs_hub(const Finding& finding) {
  return finding.fix == fix::pull || finding.id == FindingId::unverifiable ||
         remedy_of(finding) == Remedy::pull;
}

std::string restore_ownership(const Report& report, const Finding& finding) {
  const std::string owner = text_detail(finding, detail_key::wanted_owner);
  const std::string who = owner.empty() ? owner : formatted(" --owner {}", shell_quote(owner));
  return formatted("sudo hfaudit repair --only ownership{}{}", same_location_for_root(report), who);
}

std::string inspect_process(const Finding& finding) {
  const auto pid = number_detail(finding, detail_key::pid);
  return pid ? formatted("ps -o pid,user,etime,args -p {}", *pid) : std::string();
}

}  // namespace

Adviser::Adviser(const Report& report) : report_(report), used_hub_(used_hub(report)) {}

// With the options that revealed the damage: a repair that checks less would miss it.
std::string Adviser::repair(const Finding& finding, std::string_view only,
                            const std::string& argument) const {
  std::string command = "hfaudit repair";
  if (!only.empty()) command += formatted(" --only {}", only);
  const bool read = report_.verified || finding.id == FindingId::unverifiable;
  if (only.empty() && read) command += " --verify";
  if (only.empty() && used_hub_) command += " --online";
  if (lacks_name(report_, finding)) {
    if (needs_hub(finding)) return {};
  } else if (finding.repo) {
    if (!is_plausible(*finding.repo)) return {};
    command += " " + shell_quote(argument.empty() ? argument_of(report_, finding) : argument);
  }
  return command + same_part(report_) + same_location(report_);
}

std::string Adviser::pull(const Finding& finding, const std::string& argument) const {
  if (!finding.repo || !is_plausible(*finding.repo)) return {};
  return command_for("pull", argument.empty() ? argument_of(report_, finding) : argument);
}

std::string Adviser::pull_other(const Finding& finding) const {
  const RepoId other{RepoType::model, text_detail(finding, detail_key::other)};
  return is_plausible(other)
             ? formatted("hfaudit pull {}{}", shell_quote(other.name()), same_location(report_))
             : std::string();
}

// Of an incomplete repo of a pull. A failed one has given its reason, and would fail again.
std::optional<std::string> Adviser::pull_again(const Finding& finding) const {
  const auto transfer = std::find_if(report_.transfers.begin(), report_.transfers.end(),
                                     [&](const Transfer& one) { return one.repo == finding.repo; });
  if (report_.repair || transfer == report_.transfers.end() || finding.fix != fix::pull)
    return std::nullopt;
  const bool failed = !transfer->planned && !transfer->failure.empty();
  return failed ? std::string() : pull(finding, {});
}

std::string Adviser::command_for(std::string_view name, const std::string& argument) const {
  std::string text = formatted("hfaudit {}", name);
  if (name == "repair" && report_.verified) text += " --verify";
  if (name == "repair" && used_hub_) text += " --online";
  return text + " " + shell_quote(argument) + same_part(report_) + same_location(report_);
}

std::string Adviser::command(const Finding& finding, const std::string& argument) const {
  if (auto again = pull_again(finding)) return *again;
  switch (remedy_of(finding)) {
    case Remedy::none:
      return {};
    case Remedy::repair:  // a repair has given the reasons for remaining defects
      return report_.repair ? std::string() : repair(finding, {}, argument);
    case Remedy::repair_unverifiable:  // the Hub is asked about repos that are named
      return report_.repair && !report_.asked.repos.empty() ? std::string()
                                                            : repair(finding, {}, argument);
    case Remedy::pull:
      return pull(finding, argument);
    case Remedy::pull_other:
      return pull_other(finding);
    case Remedy::repair_orphans:
      return repair(finding, "orphans", argument);
    case Remedy::repair_access:
      return repair(finding, "ownership", argument);
    case Remedy::root:
      return restore_ownership(report_, finding);
    case Remedy::inspect_process:
      return inspect_process(finding);
    case Remedy::advise_on_space:
      return report_.hub_cache.empty() ? std::string()
                                       : formatted("df -h {}", shell_quote(report_.hub_cache));
  }
  return {};
}

std::string Adviser::words(const Finding& finding) const {
  if (!lacks_name(report_, finding) || !needs_hub(finding) || report_.repair) return {};
  const bool pulls = remedy_of(finding) == Remedy::pull;
  return "nothing here names the repo: " + command_for(pulls ? "pull" : "repair", "REPO");
}

}  // namespace hfaudit::report
