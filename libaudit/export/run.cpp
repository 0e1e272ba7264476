// Exporter: audit and plan.
#include <algorithm>
#include <map>
#include <utility>

#include "audit/run.hpp"
#include "base/filter_words.hpp"
#include "base/path.hpp"
#include "base/sum.hpp"
#include "export/arrival.hpp"
#include "export/select.hpp"
#include "export/state.hpp"
#include "hfaudit/render.hpp"
#include "os/processes.hpp"
#include "os/root_path.hpp"
#include "os/unix_time.hpp"

namespace hfaudit {
namespace {

// Obstacles found before the detailed scan of a repo. choose_revisions() refuses unknown verdicts.
std::vector<RepoRefusal> refusals_of(const Report& report) {
  std::vector<RepoRefusal> refused;
  for (const auto& missing : report.not_found)
    refused.push_back(
        {"cannot export " + printable(missing.name) + ": " + missing.cause, ExitCode::usage});
  for (const auto& place : report.unreadable) {
    if (place.operation == "judge") continue;
    refused.push_back(
        {"cannot " + place.operation + " " + printable(place.path) + ": " + place.cause,
         ExitCode::incomplete});
  }
  return refused;
}

// Whether the repo has files, and the filter drops all of them.
bool leaves_nothing(const PathFilter& filter, const RepoInventory& repo) {
  bool any = false;
  for (const auto& revision : repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (filter.accepts(entry.path)) return false;
      any = true;
    }
  }
  return any;
}

std::map<std::string, std::vector<RepoRequest>> by_folder(const std::vector<RepoRequest>& asked) {
  std::map<std::string, std::vector<RepoRequest>> grouped;
  for (const auto& one : asked)
    grouped[one.repo.folder()].push_back(one);
  return grouped;
}

}  // namespace

void Exporter::State::plan_repo(const WalkContext& walk, const std::vector<RepoRequest>& asked,
                                const Report& report, const ExportRequest& request) {
  const auto& repo = asked.front().repo;
  // The audit drops the inventory, so the repo is scanned once more; if this fails it is refused.
  const auto [inventory, evidence] = scan_repo(walk, repo, repo.folder());
  const auto refuse = [&](const std::string& why) {
    refused.push_back(
        {"cannot export " + printable(repo.name()) + ": " + why, ExitCode::incomplete});
  };
  for (const auto& place : inventory.unreadable)
    refuse("cannot " + place.operation + " " + printable(place.path) + ": " + place.cause);
  if (!inventory.unreadable.empty()) return;
  ExportSelection selection;
  selection.filter = {request.what.include, request.what.exclude};
  const auto refuse_patterns = [&] {
    refused.push_back({"cannot export " + printable(repo.name()) + ": none of its files matches " +
                           printable(filter_options(selection.filter)),
                       ExitCode::usage});
  };
  if (leaves_nothing(selection.filter, inventory)) return refuse_patterns();
  for (const auto& one : asked) {
    std::string commit;
    if (one.revision) {
      const auto found = resolve_revision(inventory, *one.revision);
      if (!found) {
        refused.push_back({"cannot export " + printable(one.name()) +
                               ": the revision is not in the cache; run: hfaudit scan " +
                               printable(repo.name()),
                           ExitCode::usage});
        continue;
      }
      commit = *found;
    }
    auto choice = choose_revisions(inventory, report, one, commit, request.allow_incomplete);
    if (choice.refusal) refused.push_back(std::move(*choice.refusal));
    selection.commits.merge(choice.commits);
    selection.whole_repo = selection.whole_repo || commit.empty();
    std::move(choice.notes.begin(), choice.notes.end(), std::back_inserter(notes));
  }
  if (!refused.empty()) return;
  auto planned = plan_export(inventory, evidence, selection);
  if (!planned.obstacle.empty() && !request.allow_incomplete)
    return refuse(printable(planned.obstacle) + "; run: hfaudit scan " + printable(repo.name()) +
                  ", or export it with --allow-incomplete");
  if (!selection.filter.empty()) {
    if (planned.files == 0) return refuse_patterns();
    auto warnings = warnings_on_arrival(inventory, evidence, selection.commits, selection.filter);
    std::move(warnings.begin(), warnings.end(), std::back_inserter(notes));
  }
  take(std::move(planned));
}

void Exporter::State::take(RepoExport planned) {
  totals.repos += 1;
  totals.files += planned.files;
  for (const auto& member : planned.members) {
    if (member.kind == MemberKind::content) add_size(totals.bytes, member.content.size);
  }
  totals.unverifiable += planned.unverifiable;
  std::move(planned.notes.begin(), planned.notes.end(), std::back_inserter(notes));
  repos.push_back(std::move(planned));
}

// The owner of the cache may neither read the file nor enter the folder of a file that root left
// there. Root exports for this user, and so withholds such content. Files behind the owner's own
// modes are exported.
bool Exporter::State::may_enter_all(const std::string& path) const {
  for (auto end = path.find('/', hub_path.size() + 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const auto above = path.substr(0, end);
    const auto folder = os::Directory::open_root(above);
    const auto meta = folder ? folder->stat_self() : tl::unexpected<Error>(folder.error());
    const bool may =
        meta && (meta->uid == recipient->uid() || recipient->access(*meta, above).enter);
    if (!may) return false;
  }
  return true;
}

void Exporter::State::check_access() {
  if (!recipient) return;
  for (const auto& repo : repos) {
    for (const auto& member : repo.members) {
      if (member.kind != MemberKind::content) continue;
      const auto file = open(member);
      if (!file)
        refused.push_back({"cannot " + file.error().operation + " " +
                               printable(file.error().subject) + ": " + file.error().cause,
                           ExitCode::incomplete});
    }
  }
}

// By the path instead of the links that name it, which could lead anywhere by now. Root follows
// another user's link to a folder only as os/root_path allows.
Result<std::unique_ptr<os::File>> Exporter::State::open(const ExportMember& member) const {
  const auto path = hub_path + "/" + member.content.place;
  const auto named = [&](const Error& error) {
    return failure(error.operation, member.path, error.cause, error.code);
  };
  const auto place = os::open_folder_at(std::string(parent_path(path)));
  if (!place) return named(place.error());
  auto file = place->open_file(std::string(last_component(path)));
  if (!file) return named(file.error());
  if (recipient && !(recipient->may_receive(**file) && may_enter_all(path)))
    return failure("export", member.path,
                   "the cache's owner, " + recipient->name() + ", may not read it", EPERM);
  return file;
}

Exporter::Exporter(std::unique_ptr<State> state) : state_(std::move(state)) {}
Exporter::Exporter(Exporter&& other) noexcept = default;
Exporter::~Exporter() = default;
const std::vector<RepoRefusal>& Exporter::refused() const {
  return state_->refused;
}
const std::vector<std::string>& Exporter::notes() const {
  return state_->notes;
}
const ExportTotals& Exporter::totals() const {
  return state_->totals;
}

Result<Exporter> Exporter::prepare(const Layout& layout, const ExportRequest& request,
                                   const std::stop_token& stop) {
  auto what = request.what;
  what.whole_home = false;
  const auto report = audit(layout, what, stop);
  if (!report) return tl::unexpected<Error>(report.error());
  auto hub = os::Directory::open_root(layout.hub_cache.path);
  if (!hub) return tl::unexpected<Error>(hub.error());
  auto state = std::make_unique<State>(std::move(*hub), layout.hub_cache.path);
  if (const auto owner = find_cache_owner(layout, what))
    state->recipient = os::recipient_of(*owner);
  state->refused = refusals_of(*report);
  if (state->refused.empty()) {
    const auto user = find_cache_user(layout, what);
    if (!user) return tl::unexpected<Error>(user.error());
    os::Processes processes(may_be_partial);
    const WalkContext walk{state->hub, layout.hub_cache.path, *user, processes, unix_time_ns()};
    for (const auto& [folder, asked] : by_folder(what.repos))
      state->plan_repo(walk, asked, *report, request);
    if (state->refused.empty()) state->check_access();
  }
  return Exporter(std::move(state));
}

}  // namespace hfaudit
