#include "catch_any.hpp"

#include "repair/plan.hpp"

using namespace hfaudit;

namespace {

const std::string test_commit = "0123456789abcdef0123456789abcdef01234567";
const std::string older_commit = "89abcdef0123456789abcdef0123456789abcdef";
const std::string repo_prefix = "hub/models--acme--six/";
const std::string snapshot_prefix = repo_prefix + "snapshots/" + test_commit + "/";
const RepoId repo_six{RepoType::model, "acme/six"};

PlanContext everything() {
  RepairRequest request;
  using enum RepairGroup;
  request.only = {ownership, locks, partials, entries, refs, content, orphans};
  auto context = plan_context_of(request);
  context.process_uid = context.uid = 1000;
  context.gid = 100;
  context.idle_locks = true;
  return context;
}

Finding about(FindingId id, const std::string& path) {
  Finding finding;
  finding.id = id;
  finding.severity = info_of(id).severity;
  finding.fix = info_of(id).fix;
  finding.repo = repo_six;
  finding.revision = test_commit;
  finding.path = path;
  finding.message = "why";
  return finding;
}

Finding with(Finding finding, const std::string& key, Detail value) {
  finding.details.emplace_back(key, std::move(value));
  return finding;
}

Finding fixed_by(Finding finding, const std::string& fix) {
  finding.fix = fix;
  return finding;
}

Report report_of(std::vector<Finding> findings) {
  Report report;
  report.hf_home = "/data/hf";
  report.hub_cache = "/data/hf/hub";
  report.scanned = {{"hub", "/data/hf/hub", "HF_HOME", true}};
  report.findings = std::move(findings);
  return report;
}

std::vector<Action> plan_of(std::vector<Finding> findings,
                            const PlanContext& context = everything()) {
  return plan_repair(report_of(std::move(findings)), context);
}

Action only_action(Finding finding, const PlanContext& context = everything()) {
  const auto plan = plan_of({std::move(finding)}, context);
  REQUIRE(plan.size() == 1);
  return plan[0];
}

void check_action(Finding finding, ActionKind kind, RepairGroup group) {
  INFO(info_of(finding.id).name);
  const auto id = finding.id;
  const auto path = finding.path;
  const auto action = only_action(std::move(finding));
  CHECK(action.kind == kind);
  CHECK(action.plan.action == to_string(kind));
  CHECK(action.plan.group == group);
  CHECK(action.plan.finding == id);
  CHECK(action.plan.path == path);
  CHECK(action.plan.reason == "why");
  CHECK_FALSE(action.plan.needs_root);
}

}  // namespace

TEST_CASE("repair: what is absent or wrong is downloaded at the commit of its snapshot") {
  using enum FindingId;
  for (const auto id : {incomplete_download, dangling_entry, entry_to_partial, escaping_entry,
                        missing_file, missing_shard, size_mismatch, truncated_file, lfs_pointer,
                        not_the_content, digest_mismatch, shared_blob_broken, nothing_here}) {
    auto finding =
        with(about(id, snapshot_prefix + "model.safetensors"), "file", "model.safetensors");
    check_action(finding, ActionKind::pull, RepairGroup::content);
    const auto action = only_action(finding);
    CHECK(action.commit == test_commit);
    if (id == nothing_here)
      CHECK(action.files.empty());
    else
      CHECK(action.files == std::vector<std::string>{"model.safetensors"});
  }
}

TEST_CASE("repair: each finding has its group") {
  using enum FindingId;
  check_action(about(stale_lock, "hub/.locks/models--acme--six/e.lock"), ActionKind::remove,
               RepairGroup::locks);
  check_action(about(idle_lock, "hub/.locks/models--acme--six"), ActionKind::remove,
               RepairGroup::locks);
  check_action(about(orphan_partial, repo_prefix + "blobs/e.incomplete"), ActionKind::quarantine,
               RepairGroup::partials);
  check_action(with(about(orphan_partial, repo_prefix + "blobs/e.incomplete"), "blob", "e"),
               ActionKind::remove, RepairGroup::partials);
  check_action(about(temp_debris, "hub/tmp01234567"), ActionKind::remove, RepairGroup::partials);
  check_action(about(stale_no_exist, repo_prefix + ".no_exist/c/config.json"), ActionKind::remove,
               RepairGroup::refs);
  check_action(about(tree_malformed, repo_prefix + "trees/c.json"), ActionKind::quarantine,
               RepairGroup::refs);
  check_action(about(empty_snapshot, repo_prefix + "snapshots/" + test_commit), ActionKind::prune,
               RepairGroup::entries);
  check_action(about(detached_revision, repo_prefix + "snapshots/" + test_commit),
               ActionKind::prune, RepairGroup::orphans);
  check_action(about(orphan_blob, repo_prefix + "blobs/e"), ActionKind::remove,
               RepairGroup::orphans);
  check_action(about(exposed_token, "token"), ActionKind::chmod, RepairGroup::ownership);
  check_action(about(no_access, repo_prefix + "blobs"), ActionKind::chmod, RepairGroup::ownership);
}

TEST_CASE("repair: what is nobody's to decide is left alone") {
  using enum FindingId;
  for (const auto id : {download_in_progress, conflicting_digests, unverifiable, ref_dangling,
                        low_disk_space, unrecognized_entry, missing_weights, stalled_download})
    CHECK(plan_of({about(id, repo_prefix + "x")}).empty());
}

TEST_CASE("repair: orphans and leftover locks go only when they are named") {
  auto context = plan_context_of({});
  CHECK(plan_of({about(FindingId::orphan_blob, repo_prefix + "blobs/e")}, context).empty());
  CHECK(plan_of({about(FindingId::detached_revision, repo_prefix + "snapshots/" + older_commit)},
                context)
            .empty());
  CHECK(plan_of({about(FindingId::idle_lock, "hub/.locks/models--acme--six")}, context).empty());
  context.idle_locks = true;
  CHECK(plan_of({about(FindingId::idle_lock, "hub/.locks/models--acme--six")}, context).size() ==
        1);
}

TEST_CASE("repair: weights that nobody asked for come only to a repo that is named") {
  const auto finding = about(FindingId::missing_weights, repo_prefix + "snapshots/" + test_commit);
  auto context = everything();
  context.named = {{{RepoType::model, "acme/other"}, {}}};
  CHECK(plan_of({finding}, context).empty());
  context.named = {{repo_six, {}}};
  const auto action = only_action(finding, context);
  CHECK(action.kind == ActionKind::pull);
  CHECK(action.files.empty());
}

TEST_CASE("repair: files of one commit are one download, other commits and repos are others") {
  const auto shard = [](const std::string& name) {
    auto finding = with(about(FindingId::missing_shard, snapshot_prefix + name), "file", name);
    return with(std::move(finding), "expected", std::uint64_t{100});
  };
  auto partial =
      with(about(FindingId::incomplete_download, repo_prefix + "blobs/e.incomplete"), "file", "b");
  partial =
      with(with(std::move(partial), "expected", std::uint64_t{100}), "present", std::uint64_t{30});
  auto older = shard("a");
  older.revision = older_commit;
  auto other = shard("a");
  other.repo = RepoId{RepoType::dataset, "acme/six"};
  const auto plan = plan_of({shard("a"), partial, shard("c"), older, other});
  REQUIRE(plan.size() == 3);
  std::size_t merged = 0;
  for (const auto& action : plan) {
    CHECK(action.kind == ActionKind::pull);
    if (action.files.size() == 1) continue;
    ++merged;
    CHECK(action.files == std::vector<std::string>{"a", "b", "c"});
    CHECK(action.plan.bytes == 270);
    CHECK(action.plan.reason == "3 files: why");
  }
  CHECK(merged == 1);
}

TEST_CASE("repair: without downloads only what is here is mended") {
  auto context = everything();
  context.download = false;
  const auto lost = with(about(FindingId::missing_file, snapshot_prefix + "a"), "file", "a");
  CHECK(plan_of({lost}, context).empty());
  const auto linked = with(fixed_by(lost, "relink"), "blob", "e");
  const auto action = only_action(linked, context);
  CHECK(action.kind == ActionKind::relink);
  CHECK(action.blob == "e");
  CHECK(action.files == std::vector<std::string>{"a"});
}

TEST_CASE("repair: a ref is set where the cache tells its commit, else its branch is downloaded") {
  auto ref = with(about(FindingId::ref_malformed, repo_prefix + "refs/pr/1"), "ref", "pr/1");
  ref.revision.clear();
  CHECK(only_action(ref).commit == "pr/1");
  CHECK(only_action(ref).kind == ActionKind::pull);
  const auto set = only_action(with(fixed_by(ref, "set-ref"), "commit", test_commit));
  CHECK(set.kind == ActionKind::set_ref);
  CHECK(set.commit == test_commit);
}

TEST_CASE("repair: errors of a revision that no ref names are left") {
  auto finding = with(about(FindingId::missing_file, snapshot_prefix + "a"), "file", "a");
  finding.severity = Severity::warning;
  CHECK(plan_of({finding}).empty());
}

TEST_CASE("repair: another user's things need root, one's own do not") {
  auto foreign = about(FindingId::foreign_owner, "xet");
  foreign.details.emplace_back("uid", std::uint64_t{0});
  CHECK(only_action(foreign).plan.needs_root);
  CHECK(only_action(foreign).uid == 1000);
  CHECK(only_action(foreign).gid == 100);
  auto context = everything();
  context.process_uid = 0;
  CHECK_FALSE(only_action(foreign, context).plan.needs_root);
  auto shut = about(FindingId::no_access, repo_prefix + "blobs");
  shut.details.emplace_back("uid", std::uint64_t{1000});
  CHECK_FALSE(only_action(shut).plan.needs_root);
}

TEST_CASE("repair: a hung download's lock goes only when asked") {
  auto hung =
      with(about(FindingId::stalled_download, repo_prefix + "blobs/e.incomplete"), "blob", "e");
  hung.seen = FileIdentity{1, 2, 3, 4};
  auto context = everything();
  CHECK(plan_of({hung}, context).empty());
  context.break_locks = true;
  context.groups.erase(RepairGroup::content);
  const auto action = only_action(hung, context);
  CHECK(action.plan.path == "hub/.locks/models--acme--six/e.lock");
  CHECK(action.partial == hung.path);
  CHECK(action.partial_seen == hung.seen);
  CHECK_FALSE(action.seen);
}

TEST_CASE("repair: actions come in the order in which they make each other possible") {
  using enum FindingId;
  const auto plan =
      plan_of({about(orphan_blob, repo_prefix + "blobs/f"), about(temp_debris, "hub/tmp01234567"),
               with(about(missing_file, snapshot_prefix + "a"), "file", "a"),
               about(empty_snapshot, repo_prefix + "snapshots/" + older_commit),
               about(stale_no_exist, repo_prefix + ".no_exist/c/config.json"),
               about(stale_lock, "hub/.locks/e.lock"), about(exposed_token, "token")});
  using enum RepairGroup;
  std::vector<RepairGroup> order;
  for (const auto& action : plan)
    order.push_back(action.plan.group);
  CHECK(order ==
        std::vector<RepairGroup>{ownership, locks, refs, entries, content, partials, orphans});
}

TEST_CASE("repair: a wrong payload of the shared store leaves it after the download, and once") {
  const std::string payload = "blobs/ab/abcd";
  auto first =
      with(with(about(FindingId::shared_blob_broken, repo_prefix + "blobs/e"), "file", "a"),
           "payload", payload);
  auto second = first;
  second.repo = RepoId{RepoType::model, "acme/other"};
  const auto plan = plan_of({first, second});
  REQUIRE(plan.size() == 3);
  CHECK(plan[0].kind == ActionKind::pull);
  CHECK(plan[1].kind == ActionKind::pull);
  CHECK(plan[2].kind == ActionKind::quarantine);
  CHECK(plan[2].plan.path == "/data/hf/hub/blobs/ab/abcd");
  CHECK(plan[2].files == std::vector<std::string>{"a"});
}

TEST_CASE("a file without a hash is compared with the Hub where its repo was named") {
  const auto finding = about(FindingId::unverifiable, snapshot_prefix + "x.json");
  CHECK(plan_of({finding}).empty());
  auto context = everything();
  context.named = {{repo_six, std::nullopt, {}}};
  const auto action = only_action(finding, context);
  CHECK(action.kind == ActionKind::pull);
  CHECK(action.files == std::vector<std::string>{"x.json"});
  CHECK(action.plan.bytes == 0);
  CHECK(action.optional);
  const auto both =
      plan_of({finding, about(FindingId::missing_file, snapshot_prefix + "y")}, context);
  REQUIRE(both.size() == 1);
  CHECK_FALSE(both[0].optional);
  context.download = false;
  CHECK(plan_of({finding}, context).empty());
}

TEST_CASE("the bytes of a plan are those that are missing, once for each content") {
  const auto blob = std::string(64, 'a');
  auto first = with(about(FindingId::dangling_entry, snapshot_prefix + "a"), "blob", blob);
  auto second = with(about(FindingId::dangling_entry, snapshot_prefix + "b"), "blob", blob);
  first = with(std::move(first), "expected", std::uint64_t{1000});
  second = with(std::move(second), "expected", std::uint64_t{1000});
  const auto other =
      with(about(FindingId::missing_file, snapshot_prefix + "c"), "expected", std::uint64_t{5});
  const auto plan = plan_of({first, second, other});
  REQUIRE(plan.size() == 1);
  CHECK(plan[0].plan.bytes == 1005);
}
