// The plan of an export, and access to its contents.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "export/plan.hpp"
#include "hfaudit/export.hpp"
#include "hfaudit/report.hpp"
#include "os/fs.hpp"
#include "os/users.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

struct Exporter::State {
  State(os::Directory folder, std::string path)
      : hub(std::move(folder)), hub_path(std::move(path)) {}

  os::Directory hub;
  std::string hub_path;
  std::shared_ptr<const os::CacheUser> recipient;  // os::recipient_of() the cache
  std::vector<RepoExport> repos;                   // by folder
  std::vector<RepoRefusal> refused;
  std::vector<std::string> notes;
  ExportTotals totals;

  void plan_repo(const WalkContext& walk, const std::vector<RepoRequest>& asked,
                 const Report& report, const ExportRequest& request);
  void take(RepoExport planned);
  // Refuses the export where its contents would be withheld from the cache's owner.
  void check_access();
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(const ExportMember& member) const;

 private:
  [[nodiscard]] bool may_enter_all(const std::string& path) const;
};

}  // namespace hfaudit
