// The audit of a cache: walks, gathers evidence and judges one repo at a time, so that memory is
// bounded by the largest repo instead of the cache; then the home around them. The repos are in
// cache_audit.cpp, the home and the report in cache_audit_finish.cpp.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "audit/hub_listings.hpp"
#include "audit/run.hpp"
#include "cache/blob_name.hpp"
#include "listings/locked.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "os/users.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {

class CacheAudit final : public AuditRun {
 public:
  CacheAudit(const Layout& layout, const AuditRequest& request, AuditPurpose purpose,
             const std::stop_token& stop, os::Directory hub, os::CacheUser user,
             std::unique_ptr<HubListings> online)
      : layout_(layout),
        request_(request),
        stop_(stop),
        hub_(std::move(hub)),
        user_(std::move(user)),
        online_(std::move(online)),
        prefix_(within_home(layout, layout.hub_cache.path)) {
    context_.user_id = user_.uid();
    context_.user_name = user_.name();
    find_sharing();
    if (request.owner) context_.owner = user_.name() + ":" + os::group_name(user_.gid());
    context_.now_ns = unix_time_ns();
    context_.stalled_after_ns = static_cast<std::int64_t>(request.stalled_after_s) * 1'000'000'000;
    context_.filter = {request.include, request.exclude};
    context_.verifying = purpose == AuditPurpose::verify;
  }

  Result<void> inspect() override;
  void rescan(std::size_t repo, const ContentReads& reads) override;
  Report finish() override;
  [[nodiscard]] std::string path_of(std::size_t repo, const Content& content) const override {
    return tasks_[repo].folder + "/" + content.place;
  }
  [[nodiscard]] Result<os::Directory> ledger_folder(std::size_t repo) const override {
    return hub_.open_directory(tasks_[repo].folder, os::Links::follow);
  }
  [[nodiscard]] std::string ledger_name(std::size_t repo) const override {
    return tasks_[repo].folder;
  }
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t repo,
                                                       const Content& content) const override;

 private:
  // A repo to scan.
  struct Task {
    RepoId repo;
    std::string folder;
    std::optional<std::string> revision;  // as the user wrote it
    std::string commit;                   // that it meant at the first scan, kept from then on
    bool moving = false;                  // two scans differed: a client is downloading
    std::vector<std::string> only{};      // these files alone were asked for
  };

  // A damaged repo that changed just before it was scanned.
  struct RecentRepo {
    std::size_t repo = 0;  // in the list of tasks
    std::uint64_t fingerprint = 0;
  };

  void find_sharing();
  [[nodiscard]] Result<std::vector<Task>> asked_tasks();
  [[nodiscard]] std::vector<Task> all_tasks() const;
  void inspect_at(std::size_t repo, const ContentReads* reads);
  [[nodiscard]] const std::vector<Partial>* partials_for(const RepoInventory& inventory);
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }
  [[nodiscard]] static bool any_error(const Judgement& judgement);
  void note_if_recent(std::size_t repo, const RepoInventory& inventory);
  void rescan_recent();
  [[nodiscard]] bool is_locked(const RepoRequest& asked) const {
    return request_.locked && asked.revision &&
           find_locked(*request_.locked, asked.repo, *asked.revision) != nullptr;
  }
  void miss_revision(const RepoInventory& inventory, const Evidence& evidence, const Task& task);
  void take(Judgement judgement, const RepoInventory& inventory, std::size_t repo);
  void finish_home(Report& report, const std::set<FileKey>& used_payloads);
  [[nodiscard]] std::string placed(const std::string& path) const {
    return prefix_ == "." ? path : prefix_ + "/" + path;
  }

  const Layout& layout_;
  const AuditRequest& request_;
  std::stop_token stop_;
  os::Directory hub_;
  os::CacheUser user_;
  os::Processes processes_{may_be_partial};
  std::unique_ptr<HubListings> online_;  // null: offline
  std::string prefix_;
  CheckContext context_;
  HomeInventory home_;
  std::vector<RecentRepo> recent_;
  std::vector<Task> tasks_;  // parallel to repos_
  std::vector<NotFound> not_found_;
  std::once_flag partials_once_;
  std::vector<Partial> hub_partials_;  // set by inspect() or partials_for()
  std::mutex mutex_;
};

}  // namespace hfaudit
