// Exporter: audit and plan, then the archive.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <system_error>
#include <utility>

#include "archive/tar_writer.hpp"
#include "audit/run.hpp"
#include "base/path.hpp"
#include "base/sum.hpp"
#include "export/content_reader.hpp"
#include "export/plan.hpp"
#include "export/select.hpp"
#include "hfaudit/export.hpp"
#include "hfaudit/render.hpp"
#include "os/processes.hpp"
#include "os/root_path.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

struct Exporter::State {
  State(os::Directory folder, std::string path)
      : hub(std::move(folder)), hub_path(std::move(path)) {}

  os::Directory hub;
  std::string hub_path;
  std::vector<RepoExport> repos;  // by folder
  std::vector<RepoRefusal> refused;
  std::vector<std::string> notes;
  ExportTotals totals;

  void plan_repo(const WalkContext& walk, const std::vector<RepoRequest>& asked,
                 const Report& report, const ExportRequest& request);
  void take(RepoExport planned);
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(const std::string& folder,
                                                       const ExportMember& member) const;
};

namespace {

// Obstacles found before the detailed scan of a repo.
std::vector<RepoRefusal> refusals_of(const Report& report) {
  std::vector<RepoRefusal> refused;
  for (const auto& missing : report.not_found)
    refused.push_back(
        {"cannot export " + printable(missing.name) + ": " + missing.cause, ExitCode::usage});
  for (const auto& place : report.unreadable)
    refused.push_back(
        {"cannot " + place.operation + " " + printable(place.path) + ": " + place.cause,
         ExitCode::incomplete});
  return refused;
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
  // The audit's own inventory is gone by now. A repo that fails in this scan, or changed since, is
  // refused.
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
  for (const auto& one : asked) {
    std::string commit;
    if (one.revision) {
      const auto found = resolve_revision(inventory, *one.revision);
      if (!found) {
        refused.push_back({"cannot export " + printable(one.name()) +
                               ": it has no such revision here; run: hfaudit scan " +
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
  auto planned = plan_export(inventory, evidence, selection);
  if (planned.dangling != 0 && !request.allow_incomplete && refused.empty())
    refuse("it changed while it was scanned; run: hfaudit scan " + printable(repo.name()));
  take(std::move(planned));
}

void Exporter::State::take(RepoExport planned) {
  totals.repos += 1;
  totals.files += planned.files;
  for (const auto& member : planned.members) {
    if (member.kind == MemberKind::content) add_size(totals.bytes, member.content.size);
    totals.unverifiable += member.unverified ? 1 : 0;
  }
  std::move(planned.notes.begin(), planned.notes.end(), std::back_inserter(notes));
  repos.push_back(std::move(planned));
}

// By the path and not by the links that name it, which could lead anywhere by now. Root follows
// another user's link to a folder only as os/root_path allows: files that this user may not read
// must not get into the archive.
Result<std::unique_ptr<os::File>> Exporter::State::open(const std::string& folder,
                                                        const ExportMember& member) const {
  const auto path = hub_path + "/" + (member.in_store ? "" : folder + "/") + member.content.place;
  const auto named = [&](const Error& error) {
    return failure(error.operation, member.path, error.cause, error.code);
  };
  const auto place = os::open_folder_at(std::string(parent_path(path)));
  if (!place) return named(place.error());
  auto file = place->open_file(std::string(last_component(path)));
  if (!file) return named(file.error());
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
  state->refused = refusals_of(*report);
  if (state->refused.empty()) {
    const auto user = find_cache_user(layout, what);
    if (!user) return tl::unexpected<Error>(user.error());
    os::Processes processes(may_be_partial);
    const WalkContext walk{state->hub, layout.hub_cache.path, *user, processes, wall_clock_ns()};
    for (const auto& [folder, asked] : by_folder(what.repos))
      state->plan_repo(walk, asked, *report, request);
  }
  return Exporter(std::move(state));
}

namespace {

class ArchiveRun {
 public:
  ArchiveRun(TarWriter& tar, ContentReader& reader, const std::stop_token& stop)
      : tar_(tar), reader_(reader), stop_(stop) {}

  Result<void> add(const ExportMember& member,
                   const std::function<void(std::uint64_t more)>& count) {
    if (stop_.stop_requested()) return failure("export", "the repos", "interrupted", ECANCELED);
    if (member.kind == MemberKind::link) return tar_.add_link(member.path, member.text);
    if (member.kind == MemberKind::content) return add_content(member, count);
    auto written = tar_.begin_file(member.path, member.text.size());
    if (written) written = tar_.add_bytes(member.text);
    if (written) written = tar_.end_file();
    return written;
  }

 private:
  // The header goes out with the first piece: of a file that cannot be opened, or of a small one that
  // is wrong, the archive shows nothing.
  Result<void> add_content(const ExportMember& member,
                           const std::function<void(std::uint64_t more)>& count) {
    auto piece = reader_.next();
    if (!piece) return tl::unexpected<Error>(piece.error());
    if (auto begun = tar_.begin_file(member.path, member.content.size); !begun) return begun;
    while (*piece) {
      if (auto written = tar_.add_bytes(**piece); !written) return written;
      count((*piece)->size());
      piece = reader_.next();
      if (!piece) return tl::unexpected<Error>(piece.error());
    }
    return tar_.end_file();
  }

  TarWriter& tar_;
  ContentReader& reader_;
  std::stop_token stop_;
};

}  // namespace

Result<void> Exporter::write(const ArchiveSink& sink,
                             const std::function<void(const ExportProgress&)>& progress,
                             const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  auto tar = TarWriter::begin(sink);
  if (!tar) return tl::unexpected<Error>(tar.error());
  std::vector<const ExportMember*> contents;
  std::map<const ExportMember*, const std::string*> folders;
  for (const auto& repo : state_->repos) {
    for (const auto& member : repo.members) {
      if (member.kind != MemberKind::content) continue;
      contents.push_back(&member);
      folders[&member] = &repo.folder;
    }
  }
  const auto open = [&](const ExportMember& member) {
    return state_->open(*folders.at(&member), member);
  };
  const auto begin = Clock::now();
  ExportProgress done{0, state_->totals.bytes, 0};
  const auto count = [&](std::uint64_t more) {
    add_size(done.bytes, more);
    done.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (progress) progress(done);
  };
  Result<void> good;
  try {
    ContentReader reader(std::move(contents), open, stop);
    ArchiveRun run(*tar, reader, stop);
    for (const auto& repo : state_->repos) {
      for (const auto& member : repo.members) {
        if (good) good = run.add(member, count);
      }
    }
  } catch (const std::system_error& error) {  // no thread is to be had
    good = failure("export", "the repos", error.what());
  }
  if (good) return tar->finish();
  tar->abandon(printable(good.error().subject) + ": " + good.error().cause);
  return good;
}

}  // namespace hfaudit
