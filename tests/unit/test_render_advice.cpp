#include "catch_any.hpp"

#include "hfaudit/render.hpp"
#include "report/advice.hpp"
#include "report/shell.hpp"

using namespace hfaudit;
using namespace hfaudit::report;

namespace {

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";
const std::string kSnapshot = "hub/models--acme--six/snapshots/" + kCommit + "/";

Report at(const std::string& option = "HF_HOME") {
  Report report;
  report.hf_home = "/data/hf";
  report.hub_cache = "/data/hf/hub";
  report.looked_at = {{"hub", "/data/hf/hub", option, true}};
  return report;
}

Finding about(FindingId id, const std::string& path, RepoId repo = {RepoType::model, "acme/six"}) {
  Finding finding;
  finding.id = id;
  finding.severity = info_of(id).severity;
  if (!repo.id.empty()) finding.repo = std::move(repo);
  finding.revision = kCommit;
  finding.path = path;
  return finding;
}

std::string advice_for(const std::vector<Finding>& findings, const Report& report = at()) {
  std::vector<const Finding*> group;
  for (const Finding& finding : findings)
    group.push_back(&finding);
  return advice(report, group);
}

std::string advice_for(Finding finding, const Report& report = at()) {
  return advice_for(std::vector<Finding>{std::move(finding)}, report);
}

}  // namespace

TEST_CASE("what is absent is downloaded at the commit that the finding is about") {
  const Finding finding = about(FindingId::missing_weights, "hub/models--acme--six/snapshots/" + kCommit);
  CHECK(advice_for(finding) == "hfaudit pull acme/six@" + kCommit);

  Finding dataset = about(FindingId::incomplete_download, "hub/datasets--acme--w/blobs/x.incomplete",
                          {RepoType::dataset, "acme/w"});
  dataset.revision.clear();
  CHECK(advice_for(dataset) == "hfaudit pull datasets/acme/w");

  Finding ref = about(FindingId::ref_malformed, "hub/models--acme--six/refs/refs/pr/1");
  ref.revision.clear();
  CHECK(advice_for(ref) == "hfaudit pull acme/six@refs/pr/1");
  ref.path = "hub/models--acme--six/refs/main";
  CHECK(advice_for(ref) == "hfaudit pull acme/six");
}

TEST_CASE("a few files that are absent are downloaded by name, many with all that is absent") {
  const auto shard = [](int i) { return about(FindingId::missing_shard, kSnapshot + std::to_string(i) + ".gguf"); };
  Finding partial = about(FindingId::incomplete_download, "hub/models--acme--six/blobs/x.incomplete");
  const std::string pull = "hfaudit pull acme/six@" + kCommit;
  CHECK(advice_for({shard(1), shard(2)}) == pull + " --include 1.gguf --include 2.gguf");
  CHECK(advice_for({shard(1), partial}) == pull);
  partial.details = {{"file", "1.gguf"}};
  CHECK(advice_for({shard(1), partial}) == pull + " --include 1.gguf");
  // To a pull these would be a folder, and a pattern.
  CHECK(advice_for(about(FindingId::missing_file, kSnapshot + "vae/")) == pull);
  CHECK(advice_for(about(FindingId::missing_file, kSnapshot + "a[1].bin")) == pull);

  std::vector<Finding> many;
  for (int i = 0; i < 9; ++i)
    many.push_back(shard(i));
  CHECK(advice_for(many) == pull);
}

TEST_CASE("the command works on the cache that was audited, not on the default one") {
  const Finding finding = about(FindingId::nothing_here, "hub/models--acme--six/refs/main");
  const std::string plain = "hfaudit pull acme/six@" + kCommit;
  CHECK(advice_for(finding, at("HF_HUB_CACHE")) == plain);
  CHECK(advice_for(finding, at("--cache-dir")) == plain + " --cache-dir /data/hf/hub");
  CHECK(advice_for(finding, at("--hf-home")) == plain + " --cache-dir /data/hf/hub");
  Report local;
  local.looked_at = {{"local-dir", "/srv/my model", "--local-dir", true}};
  CHECK(advice_for(finding, local) == plain + " --local-dir '/srv/my model'");
}

TEST_CASE("content that is wrong is replaced file by file") {
  std::vector<Finding> findings{about(FindingId::truncated_file, kSnapshot + "b c.gguf"),
                                about(FindingId::truncated_file, kSnapshot + "sub/a.gguf")};
  CHECK(advice_for(findings) == "hfaudit pull acme/six@" + kCommit + " --include 'b c.gguf' --include sub/a.gguf");

  Report local;
  local.looked_at = {{"local-dir", "/srv/m", "--local-dir", true}};
  CHECK(advice_for(about(FindingId::lfs_pointer, "/srv/m/sub/a.bin"), local) ==
        "hfaudit pull acme/six@" + kCommit + " --include sub/a.bin --local-dir /srv/m");

  // A blob has no name in the repo: it goes, and a pull brings it back.
  CHECK(advice_for(about(FindingId::size_mismatch, "hub/models--acme--six/blobs/abc")) ==
        "rm -f -- /data/hf/hub/models--acme--six/blobs/abc && hfaudit pull acme/six@" + kCommit);
  // A name that would pass for an option is not given to a pull.
  CHECK(advice_for(about(FindingId::lfs_pointer, kSnapshot + "--token")).starts_with("rm -f -- "));
}

TEST_CASE("a blob that nobody wants is not downloaded again, one that a revision waits for is") {
  Finding blob = about(FindingId::digest_mismatch, "hub/models--acme--six/blobs/abc");
  blob.revision.clear();
  const std::string removal = "rm -f -- /data/hf/hub/models--acme--six/blobs/abc";
  CHECK(advice_for(blob) == removal + " && hfaudit pull acme/six");
  blob.severity = Severity::warning;
  CHECK(advice_for(blob) == removal);
}

TEST_CASE("a link that leads astray goes first") {
  CHECK(advice_for(about(FindingId::escaping_entry, kSnapshot + "config.json")) ==
        "rm -f -- /data/hf/" + kSnapshot + "config.json && hfaudit pull acme/six@" + kCommit +
            " --include config.json");
  CHECK(advice_for(about(FindingId::entry_to_partial, kSnapshot + "config.json")).starts_with("rm -f -- "));
}

TEST_CASE("a cache outside the home is for its own owner") {
  Report report = at();
  report.hub_cache = "/srv/hub";
  CHECK(advice_for(about(FindingId::foreign_owner, "/srv/hub/x"), report) ==
        "sudo chown -R --reference=/srv/hub /srv/hub/x");
}

TEST_CASE("owners, modes, debris and processes have their own commands") {
  CHECK(advice_for(about(FindingId::foreign_owner, "xet", {})) ==
        "sudo chown -R --reference=/data/hf /data/hf/xet");
  Finding owned = about(FindingId::foreign_owner, "xet", {});
  owned.details = {{"wanted_owner", "jane:ml"}};
  CHECK(advice_for(owned) == "sudo chown -R jane:ml /data/hf/xet");

  CHECK(advice_for(about(FindingId::no_access, "hub/x")) == "chmod u+rwX -- /data/hf/hub/x");
  Finding deep = about(FindingId::no_access, "hub/x");
  deep.details = {{"below", std::uint64_t{3}}};
  CHECK(advice_for(deep) == "chmod -R u+rwX -- /data/hf/hub/x");
  CHECK(advice_for(about(FindingId::exposed_token, "token", {})) == "chmod 600 -- /data/hf/token");

  CHECK(advice_for(about(FindingId::stale_lock, "hub/l")) == "rm -f -- /data/hf/hub/l");
  CHECK(advice_for(about(FindingId::temp_debris, "/abs/tmp1")) == "rm -rf -- /abs/tmp1");
  CHECK(advice_for(about(FindingId::empty_snapshot, "hub/s")) == "find /data/hf/hub/s -type d -empty -delete");

  Finding stalled = about(FindingId::stalled_download, "hub/p");
  CHECK(advice_for(stalled).empty());
  stalled.details = {{"pid", std::uint64_t{4711}}};
  CHECK(advice_for(stalled) == "ps -o pid,user,etime,args -p 4711");
}

TEST_CASE("where somebody has to decide, or nothing is wrong, nothing is advised") {
  for (const FindingId id : {FindingId::download_in_progress, FindingId::conflicting_digests,
                             FindingId::unverifiable, FindingId::ref_dangling, FindingId::detached_revision,
                             FindingId::idle_lock, FindingId::unrecognized_entry}) {
    CAPTURE(info_of(id).name);
    CHECK(advice_for(about(id, "hub/x")).empty());
  }
}

TEST_CASE("every error has a command") {
  for (const FindingInfo& info : catalogue()) {
    CAPTURE(info.name);
    if (info.severity == Severity::error) CHECK_FALSE(advice_for(about(info.id, kSnapshot + "x")).empty());
  }
}

TEST_CASE("a repo that cannot be on the Hub is not asked of it") {
  for (const char* id : {"-x/y", "a b", "a/$(id)", "a\nb", "\xff"}) {
    CAPTURE(id);
    CHECK(advice_for(about(FindingId::missing_file, "hub/x", {RepoType::model, id})).empty());
    CHECK(advice_for(about(FindingId::size_mismatch, kSnapshot + "x", {RepoType::model, id})).empty());
  }
  CHECK(advice_for(about(FindingId::missing_file, "x", {})).empty());
}

TEST_CASE("commands of more paths than anybody would paste are not given") {
  std::vector<Finding> many;
  for (int i = 0; i < 9; ++i)
    many.push_back(about(FindingId::orphan_partial, "hub/" + std::to_string(i)));
  CHECK(advice_for(many).empty());
  many.pop_back();
  CHECK(advice_for(many).ends_with(" /data/hf/hub/7"));
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
