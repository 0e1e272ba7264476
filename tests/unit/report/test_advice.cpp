#include "catch_any.hpp"

#include "base/shell.hpp"
#include "hfaudit/render.hpp"
#include "report/advice.hpp"

using namespace hfaudit;
using namespace hfaudit::report;

namespace {

const std::string test_commit = "0123456789abcdef0123456789abcdef01234567";
const std::string snapshot_prefix = "hub/models--acme--six/snapshots/" + test_commit + "/";

Report at(const std::string& option = "HF_HOME") {
  Report report;
  report.hf_home = "/data/hf";
  report.hub_cache = "/data/hf/hub";
  report.scanned = {{"hub", "/data/hf/hub", option, true}};
  return report;
}

Finding about(FindingId id, const std::string& path, RepoId repo = {RepoType::model, "acme/six"}) {
  Finding finding;
  finding.id = id;
  finding.severity = info_of(id).severity;
  if (!repo.id.empty()) finding.repo = std::move(repo);
  finding.revision = test_commit;
  finding.path = path;
  finding.fix = info_of(id).fix;
  return finding;
}

std::string advice_for(const Finding& finding, const Report& report = at()) {
  return Adviser(report).command(finding);
}

const std::string repair_command = "hfaudit repair acme/six";

}  // namespace

TEST_CASE("what a repair mends is advised by its repo, once for all of it") {
  // A repair of the whole cache leaves a model without weights as it is.
  CHECK(advice_for(about(FindingId::missing_weights, "hub/models--acme--six/snapshots/" +
                                                         test_commit)) == "hfaudit pull acme/six");
  CHECK(advice_for(about(FindingId::truncated_file, snapshot_prefix + "a.gguf")) == repair_command);
  CHECK(advice_for(about(FindingId::stale_lock, "hub/l")) == repair_command);
  CHECK(advice_for(about(FindingId::escaping_entry, snapshot_prefix + "config.json")) ==
        repair_command);
  const Finding dataset =
      about(FindingId::incomplete_download, "hub/datasets--acme--w/blobs/x.incomplete",
            {RepoType::dataset, "acme/w"});
  CHECK(advice_for(dataset) == "hfaudit repair datasets/acme/w");
  CHECK(advice_for(about(FindingId::temp_debris, "/abs/tmp1", {})) == "hfaudit repair");
}

TEST_CASE("the command works on the cache that was audited, not on the default one") {
  const Finding finding = about(FindingId::nothing_here, "hub/models--acme--six/refs/main");
  CHECK(advice_for(finding, at("HF_HUB_CACHE")) == repair_command);
  CHECK(advice_for(finding, at("--cache-dir")) == repair_command + " --cache-dir /data/hf/hub");
  CHECK(advice_for(finding, at("--hf-home")) == repair_command + " --hf-home /data/hf");
  Report local;
  local.scanned = {{"local-dir", "/srv/my model", "--local-dir", true}};
  CHECK(advice_for(finding, local) == repair_command + " --local-dir '/srv/my model'");
}

TEST_CASE("a repair looks as closely as who saw the damage") {
  Finding finding = about(FindingId::digest_mismatch, snapshot_prefix + "a.gguf");
  Report report = at();
  report.verified.emplace();
  CHECK(advice_for(finding, report) == "hfaudit repair --verify acme/six");
  finding.details = {{"basis", "hub"}};
  report.findings = {finding};
  CHECK(advice_for(finding, report) == "hfaudit repair --verify --online acme/six");
}

TEST_CASE("a revision that no ref names is mended where it is named") {
  Finding finding = about(FindingId::truncated_file, snapshot_prefix + "a.gguf");
  finding.severity = Severity::warning;
  CHECK(advice_for(finding) == repair_command + "@" + test_commit);
  Report report = at();
  report.asked.repos = {"acme/six@v1"};
  CHECK(advice_for(finding, report) == repair_command + "@v1");
}

TEST_CASE("what belongs to another user is for root, who is told where the cache is") {
  CHECK(advice_for(about(FindingId::foreign_owner, "xet", {})) ==
        "sudo hfaudit repair --only ownership --hf-home /data/hf");
  Report report = at();
  report.hub_cache = "/srv/hub";
  Finding owned = about(FindingId::foreign_owner, "/srv/hub/x", {});
  owned.details = {{"wanted_owner", "jane:ml"}};
  CHECK(advice_for(owned, report) ==
        "sudo hfaudit repair --only ownership --hf-home /data/hf --cache-dir /srv/hub --owner "
        "jane:ml");
  Finding lock = about(FindingId::stale_lock, "hub/l");
  lock.fix = "chown";
  CHECK(advice_for(lock).starts_with("sudo "));
  Report local;
  local.scanned = {{"local-dir", "/srv/m", "--local-dir", true}};
  CHECK(advice_for(about(FindingId::foreign_owner, "/srv/m/x"), local) ==
        "sudo hfaudit repair --only ownership --local-dir /srv/m");
}

TEST_CASE("orphans, modes and processes") {
  CHECK(advice_for(about(FindingId::orphan_blob, "hub/x")) ==
        "hfaudit repair --only orphans acme/six");
  CHECK(advice_for(about(FindingId::exposed_token, "token", {})) == "hfaudit repair");
  Finding stalled = about(FindingId::stalled_download, "hub/p");
  CHECK(advice_for(stalled).empty());
  stalled.details = {{"pid", std::uint64_t{4711}}};
  CHECK(advice_for(stalled) == "ps -o pid,user,etime,args -p 4711");
}

TEST_CASE("where somebody has to decide, or nothing is wrong, nothing is advised") {
  for (const FindingId id :
       {FindingId::download_in_progress, FindingId::conflicting_digests, FindingId::ref_dangling,
        FindingId::detached_revision, FindingId::idle_lock, FindingId::unrecognized_entry,
        FindingId::unreachable_repo, FindingId::empty_repo, FindingId::misplaced_repo,
        FindingId::duplicate_repo, FindingId::damaged_on_hub}) {
    CAPTURE(info_of(id).name);
    CHECK(advice_for(about(id, "hub/x")).empty());
  }
}

TEST_CASE("every error has a command") {
  for (const FindingInfo& info : catalogue()) {
    CAPTURE(info.name);
    // mount it; a download brings the same; its user approves the file or moves it away
    if (info.id == FindingId::unreachable_repo || info.id == FindingId::damaged_on_hub ||
        info.id == FindingId::unlocked_file)
      continue;
    if (info.severity == Severity::error)
      CHECK_FALSE(advice_for(about(info.id, snapshot_prefix + "x")).empty());
  }
}

TEST_CASE("a file without a hash is compared with the Hub where its repo is named") {
  const Finding finding = about(FindingId::unverifiable, snapshot_prefix + "x");
  CHECK(advice_for(finding) == "hfaudit repair --verify acme/six");
  Report report = at();
  report.repair.emplace();
  CHECK(advice_for(finding, report) == "hfaudit repair --verify acme/six");
  report.asked.repos = {"acme/six"};
  CHECK(advice_for(finding, report).empty());
}

TEST_CASE("a command is for the part of a repo that was audited") {
  Report report = at();
  report.asked.include = {"*.json"};
  report.asked.exclude = {"a b*"};
  CHECK(advice_for(about(FindingId::missing_file, snapshot_prefix + "x.json"), report) ==
        repair_command + " --include '*.json' --exclude 'a b*'");
}

TEST_CASE("another repo is pulled by its own name") {
  Finding finding = about(FindingId::missing_dependency, snapshot_prefix + "adapter_config.json");
  CHECK(advice_for(finding).empty());
  finding.details = {{"other", "acme/base"}};
  CHECK(advice_for(finding, at("--hf-home")) == "hfaudit pull acme/base --hf-home /data/hf");
  finding.details = {{"other", "$(id)"}};
  CHECK(advice_for(finding).empty());
}

TEST_CASE("code that the listing does not have cannot be downloaded") {
  Finding finding = about(FindingId::missing_code, snapshot_prefix + "modeling_x.py");
  CHECK(advice_for(finding) == "hfaudit pull acme/six");
  finding.details = {{"listed", std::uint64_t{0}}};
  CHECK(advice_for(finding).empty());
}

TEST_CASE("after a pull the same pull is advised where it was interrupted or only planned") {
  const Finding finding = about(FindingId::missing_file, "hub/models--acme--six");
  Report report = at("--cache-dir");
  Transfer transfer;
  transfer.repo = {RepoType::model, "acme/six"};
  report.transfers = {transfer};
  CHECK(advice_for(finding, report) == "hfaudit pull acme/six --cache-dir /data/hf/hub");
  report.transfers[0].failure = "the Hub has trouble";
  CHECK(advice_for(finding, report).empty());
  report.transfers[0].planned = true;
  CHECK(advice_for(finding, report) == "hfaudit pull acme/six --cache-dir /data/hf/hub");
}

TEST_CASE("of a folder that names no repo the words say what to name") {
  Report local;
  local.scanned = {{"local-dir", "/srv/m", "--local-dir", true}};
  const Adviser adviser(local);
  Finding finding = about(FindingId::missing_file, "/srv/m/x", {});
  CHECK(adviser.command(finding).empty());
  CHECK(adviser.words(finding) ==
        "nothing here names the repo: hfaudit repair REPO --local-dir /srv/m");
  finding.repo = RepoId{};
  CHECK(adviser.words(finding).ends_with("hfaudit repair REPO --local-dir /srv/m"));
  finding.fix = "remove";
  CHECK(adviser.words(finding).empty());
  CHECK(adviser.command(finding) == "hfaudit repair --local-dir /srv/m");
}

TEST_CASE("a repo that cannot be on the Hub is not asked of it") {
  for (const char* id : {"-x/y", "a b", "a/$(id)", "a\nb", "\xff"}) {
    CAPTURE(id);
    CHECK(advice_for(about(FindingId::missing_file, "hub/x", {RepoType::model, id})).empty());
  }
  Report local;
  local.scanned = {{"local-dir", "/srv/m", "--local-dir", true}};
  CHECK(advice_for(about(FindingId::missing_file, "/srv/m/x", {}), local).empty());
}

TEST_CASE("a shell takes a quoted word for one word, whatever is in it") {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, const char*> rows[] = {
      {"plain/name-1.0_x:y@z", "plain/name-1.0_x:y@z"},
      {"", "''"},
      {"a b", "'a b'"},
      {"$(rm -rf ~)", "'$(rm -rf ~)'"},
      {"`id`;&|<>*?[]", "'`id`;&|<>*?[]'"},
      {"it's", "'it'\\''s'"},
      {"~root", "'~root'"},
      {"模", "'模'"},
      {"a\nb", "$'a\\012b'"},
      {"\xff"
       "1",
       "$'\\3771'"},
      {"it's\x1b\\", "$'it\\'s\\033\\\\'"},
      {"a\0b"sv, "$'a\\000b'"},
  };
  for (const auto& [word, quoted] : rows) {
    CAPTURE(quoted);
    CHECK(shell_quote(word) == quoted);
    CHECK(printable(shell_quote(word)) == shell_quote(word));
  }
}
