#include "hfaudit/report.hpp"

namespace hfaudit {

const RevisionReport* find_revision(const Report& report, const RepoId& repo,
                                    const std::string& commit) {
  for (const auto& one : report.repos) {
    if (one.repo != repo) continue;
    for (const auto& revision : one.revisions) {
      if (revision.commit == commit) return &revision;
    }
  }
  return nullptr;
}

}  // namespace hfaudit
