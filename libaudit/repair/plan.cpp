#include "repair/plan.hpp"

#include <algorithm>
#include <utility>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "hfaudit/render.hpp"
#include "repair/download_plan.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

constexpr std::uint32_t read_write = 0600, read_enter = 0500, private_file = 0600;

class Planner {
 public:
  Planner(const Report& report, const PlanContext& context) : report_(report), context_(context) {}

  [[nodiscard]] std::vector<Action> plan();

 private:
  void plan_for(const Finding& finding);
  void plan_access(const Finding& finding);
  void plan_lock(const Finding& finding);
  void plan_leftover(const Finding& finding);
  void plan_ref(const Finding& finding);
  void plan_content(const Finding& finding);
  void plan_unverifiable(const Finding& finding);
  void download(const Finding& finding, bool whole);
  void break_lock(const Finding& finding);
  Action* add(ActionKind kind, RepairGroup group, const Finding& finding,
              const std::string& reason = {});
  [[nodiscard]] bool is_of_detached(const Finding& finding) const {
    return finding.severity < info_of(finding.id).severity;
  }
  [[nodiscard]] bool any_unattributed() const;
  [[nodiscard]] bool nothing_of(const Finding& finding) const;
  [[nodiscard]] bool is_named(const Finding& finding) const;

  const Report& report_;
  const PlanContext& context_;
  std::vector<Action> actions_;
  DownloadPlan downloads_;
};

Action* Planner::add(ActionKind kind, RepairGroup group, const Finding& finding,
                     const std::string& reason) {
  if (!context_.groups.contains(group)) return nullptr;
  Action action;
  action.kind = kind;
  action.seen = finding.seen;
  action.plan.action = to_string(kind);
  action.plan.group = group;
  action.plan.finding = finding.id;
  action.plan.repo = finding.repo;
  action.plan.revision = finding.revision;
  action.plan.path = finding.path;
  action.plan.reason = reason.empty() ? finding.message : reason;
  action.plan.bytes = finding.bytes;
  actions_.push_back(std::move(action));
  return &actions_.back();
}

void Planner::plan_access(const Finding& finding) {
  // Without a fix its owner has to decide; of a shared cache, repair/sharing has changed the modes.
  const bool shared = number_detail(finding, detail_key::shared_with).has_value();
  if (finding.fix.empty() || (shared && finding.fix == fix::chmod)) return;
  const auto owner = number_detail(finding, detail_key::uid);
  const bool restore_ownership =
      finding.id == FindingId::foreign_owner || finding.fix == fix::chown;
  auto* action = add(restore_ownership ? ActionKind::chown : ActionKind::chmod,
                     RepairGroup::ownership, finding);
  if (action == nullptr) return;
  action->plan.bytes = 0;
  action->uid = context_.uid;
  action->gid = context_.gid;
  action->plan.needs_root =
      context_.process_uid != 0 && (restore_ownership || (owner && *owner != context_.process_uid));
  const bool token = finding.id == FindingId::exposed_token;
  action->mode = token                                 ? private_file
                 : finding.id == FindingId::stale_lock ? read_write
                                                       : read_enter;
}

// The lock of a hung download lies where huggingface_hub takes it.
void Planner::break_lock(const Finding& finding) {
  const auto blob = text_detail(finding, detail_key::blob);
  if (!context_.break_locks || !finding.repo || blob.empty()) return;
  const auto at = finding.path.find(finding.repo->folder() + "/");
  if (at == std::string::npos) return;
  auto* action = add(
      ActionKind::remove, RepairGroup::locks, finding,
      finding.message + "; --break-locks removes its lock, so that another download can proceed");
  if (action == nullptr) return;
  action->plan.path =
      finding.path.substr(0, at) + ".locks/" + finding.repo->folder() + "/" + blob + ".lock";
  action->plan.bytes = 0;
  action->partial = finding.path;
  action->partial_seen = std::exchange(action->seen, std::nullopt);
  download(finding, false);
}

void Planner::plan_lock(const Finding& finding) {
  if (finding.id == FindingId::stalled_download) return break_lock(finding);
  if (finding.id == FindingId::idle_lock && !context_.idle_locks) return;
  if (finding.fix == fix::chown || finding.fix == fix::chmod) return plan_access(finding);
  auto* action = add(ActionKind::remove, RepairGroup::locks, finding);
  if (action != nullptr) action->blob = text_detail(finding, detail_key::blob);
}

void Planner::plan_leftover(const Finding& finding) {
  const auto blob = text_detail(finding, detail_key::blob);
  if (finding.id == FindingId::orphan_partial) {
    // It may be of the download that broke off: evidence stays until the content is here.
    if (blob.empty() && any_unattributed()) return;
    auto* action = add(blob.empty() ? ActionKind::quarantine : ActionKind::remove,
                       RepairGroup::partials, finding);
    if (action != nullptr) action->blob = blob;
  } else if (finding.id == FindingId::temp_debris) {
    // A wrong blob goes once the right one is here. A file that was put in the place of another one
    // is the only copy of its content.
    const auto known = classify_blob_name(last_component(finding.path));
    const bool evidence = known.kind == BlobNameKind::evidence;
    const bool of_blob = evidence && looks_like_etag(known.etag);
    auto* action = add(evidence && !of_blob ? ActionKind::quarantine : ActionKind::remove,
                       RepairGroup::partials, finding);
    if (action != nullptr && of_blob) action->blob = known.etag;
  } else if (finding.id == FindingId::detached_revision) {
    add(ActionKind::prune, RepairGroup::orphans, finding);
  } else if (finding.id == FindingId::orphan_blob) {
    add(ActionKind::remove, RepairGroup::orphans, finding);
  }
}

bool Planner::any_unattributed() const {
  return std::any_of(report_.findings.begin(), report_.findings.end(), [](const Finding& other) {
    return other.id == FindingId::unattributed_download;
  });
}

// Whether the whole commit is to be downloaded.
bool Planner::nothing_of(const Finding& finding) const {
  return std::any_of(report_.findings.begin(), report_.findings.end(), [&](const Finding& other) {
    return other.id == FindingId::nothing_here && other.repo == finding.repo &&
           other.revision == finding.revision;
  });
}

void Planner::plan_ref(const Finding& finding) {
  if (finding.id == FindingId::stale_no_exist) {
    add(ActionKind::remove, RepairGroup::refs, finding);
  } else if (finding.id == FindingId::tree_malformed) {
    add(ActionKind::quarantine, RepairGroup::refs, finding);
  } else if (finding.id == FindingId::empty_snapshot) {
    if (!nothing_of(finding)) add(ActionKind::prune, RepairGroup::entries, finding);
  } else if (finding.fix == fix::set_ref) {
    auto* action = add(ActionKind::set_ref, RepairGroup::refs, finding);
    if (action != nullptr) action->commit = text_detail(finding, detail_key::commit);
  } else {
    download(finding, true);
  }
}

bool Planner::is_named(const Finding& finding) const {
  return std::any_of(context_.named.begin(), context_.named.end(),
                     [&](const RepoRequest& named) { return named.repo == finding.repo; });
}

void Planner::plan_content(const Finding& finding) {
  if (finding.fix == fix::relink) {
    auto* action = add(ActionKind::relink, RepairGroup::entries, finding);
    if (action == nullptr) return;
    action->blob = text_detail(finding, detail_key::blob);
    action->files = {file_of(report_, finding)};
    action->plan.bytes = 0;
  } else if (finding.id == FindingId::digest_mismatch && finding.revision.empty()) {
    // Unused, and a client that needs this blob later would trust its name.
    add(ActionKind::quarantine, RepairGroup::content, finding);
  } else if (!is_of_detached(finding) && !finding.fix.empty()) {
    if (finding.id == FindingId::missing_weights && !is_named(finding)) return;
    const bool whole = finding.id == FindingId::nothing_here ||
                       finding.id == FindingId::missing_weights ||
                       text_detail(finding, detail_key::wanted) == detail_key::all_files;
    download(finding, whole);
  }
}

// Only the Hub knows the right content, but a local repo may be unknown to it: so it is asked if
// the repo was named.
void Planner::plan_unverifiable(const Finding& finding) {
  if (is_named(finding)) download(finding, false);
}

void Planner::download(const Finding& finding, bool whole) {
  if (!context_.download || !finding.repo) return;
  if (!context_.groups.contains(RepairGroup::content)) return;
  const auto file = file_of(report_, finding);
  downloads_.add(finding, file, whole);
  // Wrong content in the shared store would find its way into the next repo that wants it.
  const auto payload = text_detail(finding, detail_key::payload);
  if (payload.empty() || report_.hub_cache.empty()) return;
  auto* action = add(ActionKind::quarantine, RepairGroup::content, finding,
                     "wrong content in the shared store");
  if (action == nullptr) return;
  action->plan.path = report_.hub_cache + "/" + payload;
  action->files = {file};
  action->seen.reset();
}

void Planner::plan_for(const Finding& finding) {
  switch (finding.id) {
    case FindingId::foreign_owner:
    case FindingId::no_access:
    case FindingId::exposed_token:
      return plan_access(finding);
    case FindingId::stale_lock:
    case FindingId::idle_lock:
    case FindingId::stalled_download:
      return plan_lock(finding);
    case FindingId::orphan_partial:
    case FindingId::temp_debris:
    case FindingId::orphan_blob:
    case FindingId::detached_revision:
      return plan_leftover(finding);
    case FindingId::stale_no_exist:
    case FindingId::tree_malformed:
    case FindingId::empty_snapshot:
    case FindingId::ref_malformed:
    case FindingId::ref_moved:
      return plan_ref(finding);
    case FindingId::incomplete_download:
    case FindingId::dangling_entry:
    case FindingId::entry_to_partial:
    case FindingId::escaping_entry:
    case FindingId::missing_file:
    case FindingId::missing_shard:
    case FindingId::missing_weights:
    case FindingId::nothing_here:
    case FindingId::lost_link:
    case FindingId::unattributed_download:
    case FindingId::size_mismatch:
    case FindingId::truncated_file:
    case FindingId::lfs_pointer:
    case FindingId::not_the_content:
    case FindingId::digest_mismatch:
    case FindingId::shared_blob_broken:
      return plan_content(finding);
    case FindingId::unverifiable:
      return plan_unverifiable(finding);
    case FindingId::download_in_progress:
    case FindingId::missing_dependency:
    case FindingId::missing_code:
    case FindingId::conflicting_digests:
    case FindingId::damaged_on_hub:
    case FindingId::unreachable_repo:
    case FindingId::empty_repo:
    case FindingId::misplaced_repo:
    case FindingId::duplicate_repo:
    case FindingId::ref_dangling:
    case FindingId::low_disk_space:
    case FindingId::node_differs:
    case FindingId::unlocked_file:
    case FindingId::unrecognized_entry:
      return;
  }
}

std::vector<Action> Planner::plan() {
  for (const auto& finding : report_.findings)
    plan_for(finding);
  for (auto& action : downloads_.take())
    actions_.push_back(std::move(action));
  put_in_order(actions_);
  return std::move(actions_);
}

}  // namespace

PlanContext plan_context_of(const RepairRequest& request) {
  PlanContext context;
  using enum RepairGroup;
  context.groups = {ownership, locks, partials, entries, refs, content};
  if (!request.only.empty()) context.groups = {request.only.begin(), request.only.end()};
  for (const auto group : request.skip)
    context.groups.erase(group);
  context.download = !request.offline || !request.download.from.empty();
  context.idle_locks = request.idle_locks;
  context.break_locks = request.break_locks;
  context.named = request.what.repos;
  return context;
}

std::vector<Action> plan_repair(const Report& report, const PlanContext& context) {
  return Planner(report, context).plan();
}

}  // namespace hfaudit
