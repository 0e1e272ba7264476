#include "audit/report_places.hpp"

#include <algorithm>
#include <cerrno>

#include "base/filter_words.hpp"
#include "os/fs.hpp"

namespace hfaudit {
namespace {

void add_scanned(Report& report, std::string what, const Location& place) {
  const auto folder = os::Directory::open_root(place.path);
  const bool absent = !folder && os::is_absent(folder.error());
  report.scanned.push_back({std::move(what), place.path, place.because, !absent});
  if (folder || absent || folder.error().code == EACCES) return;
  report.unreadable.push_back({place.path, folder.error().operation, folder.error().cause});
}

}  // namespace

// An unknown verdict has a reason; a copy its size.
void add_reasons(Report& report, const AuditRequest& request) {
  for (auto& finding : report.findings) {
    if (finding.id != FindingId::duplicate_repo) continue;
    for (const auto& repo : report.repos) {
      if (finding.path == repo.path) finding.bytes = repo.bytes.present;
    }
  }
  const auto patterns = filter_options({request.include, request.exclude});
  for (const auto& repo : report.repos) {
    if (request.repos.empty() || repo.verdict != Verdict::unknown) continue;
    const bool reported =
        std::any_of(report.findings.begin(), report.findings.end(),
                    [&](const Finding& finding) {
                      return finding.repo == repo.repo && finding.id != FindingId::idle_lock;
                    }) ||
        std::any_of(report.unreadable.begin(), report.unreadable.end(),
                    [&](const Unreadable& place) {
                      return place.path.find(repo.repo.folder()) != std::string::npos;
                    });
    if (reported) continue;
    report.unreadable.push_back({repo.path, "judge",
                                 patterns.empty()
                                     ? "nothing here lists the files that it should have"
                                     : "no file matches " + patterns});
  }
}

void name_places(Report& report, const Layout& layout, const AuditRequest& request) {
  report.hf_home = layout.hf_home.path;
  report.hub_cache = layout.hub_cache.path;
  const bool home_too = request.repos.empty() && request.whole_home;
  if (home_too) add_scanned(report, "home", layout.hf_home);
  report.scanned.push_back({"hub", layout.hub_cache.path, layout.hub_cache.because, true});
  if (!home_too) return;
  report.xet_cache = layout.xet_cache.path;
  add_scanned(report, "xet", layout.xet_cache);
  add_scanned(report, "datasets", layout.datasets_cache);
  add_scanned(report, "assets", layout.assets_cache);
}

}  // namespace hfaudit
