// Which reports let a revision pass: from values alone.
#include "catch_any.hpp"
#include "preflight/admit.hpp"
#include "preflight/refusal.hpp"

using namespace hfaudit;

namespace {

const std::string commit(40, 'a'), other(40, 'b');

struct Case {
  RepoRequest repo{{RepoType::model, "acme/six"}, std::nullopt};
  Report report;
  SnapshotState seen{true, {"config.json", "model.safetensors"}, {}, {}};
  PreflightRequest request;

  explicit Case(Verdict verdict = Verdict::complete, Basis basis = Basis::tree) {
    RepoReport one;
    one.repo = repo.repo;
    one.verdict = verdict;
    RevisionReport revision;
    revision.commit = commit;
    revision.refs = {"main"};
    revision.verdict = verdict;
    revision.basis = basis;
    revision.files = {2, 3};
    revision.bytes = {1'000, 5'000};
    one.revisions = {revision};
    report.repos = {one};
  }

  Finding& raise(FindingId id, const std::string& of = commit) {
    Finding finding;
    finding.id = id;
    finding.severity = info_of(id).severity;
    finding.repo = repo.repo;
    finding.revision = of;
    finding.message = "something is wrong";
    finding.fix = info_of(id).fix;
    report.findings.push_back(finding);
    return report.findings.back();
  }

  [[nodiscard]] Admission admit() const {
    return hfaudit::admit(report, repo, commit, seen, request);
  }
};

}  // namespace

TEST_CASE("preflight: what is complete passes") {
  const auto admission = Case().admit();
  CHECK(admission.pass);
  CHECK(admission.code == ExitCode::ok);
  CHECK(admission.why.empty());
}

TEST_CASE(
    "preflight: an error in the revision blocks, and the line says how much and what to run") {
  Case c(Verdict::incomplete);
  c.raise(FindingId::missing_shard);
  c.raise(FindingId::size_mismatch);
  const auto admission = c.admit();
  CHECK_FALSE(admission.pass);
  CHECK(admission.code == ExitCode::damage);
  CHECK(admission.why ==
        "acme/six: something is wrong (and 1 more), 2 of 3 files are here, 4.00 kB missing; run: "
        "hfaudit repair "
        "acme/six");
}

TEST_CASE("preflight: errors elsewhere do not block") {
  Case c;
  c.raise(FindingId::missing_shard, other);
  c.raise(FindingId::missing_shard).repo = RepoId{RepoType::model, "acme/seven"};
  c.raise(FindingId::stale_no_exist, other);
  c.raise(FindingId::stale_lock);
  c.raise(FindingId::low_disk_space);
  c.raise(FindingId::foreign_owner);
  c.raise(FindingId::no_access);
  c.raise(FindingId::conflicting_digests);
  CHECK(c.admit().pass);
}

TEST_CASE("preflight: warnings that keep a client from loading block") {
  for (const auto id : {FindingId::missing_weights, FindingId::stale_no_exist}) {
    Case c;
    c.raise(id);
    CHECK(c.admit().code == ExitCode::damage);
    CHECK(c.admit().weightless == (id == FindingId::missing_weights));
  }
}

TEST_CASE("preflight: a malformed ref blocks who asks for it, and nobody else") {
  Case c;
  c.raise(FindingId::ref_malformed).details.emplace_back("ref", std::string("dev"));
  CHECK(c.admit().pass);  // though it names the same commit
  c.repo.revision = "dev";
  CHECK(c.admit().code == ExitCode::damage);
  c.repo.revision = commit;
  CHECK(c.admit().pass);
}

TEST_CASE("preflight: a subset passes with its weights, unless all is asked for") {
  Case c(Verdict::subset);
  CHECK(c.admit().pass);
  c.request.strict = true;
  CHECK(c.admit().code == ExitCode::damage);
  c.request.strict = false;
  c.seen.files = {"config.json"};
  CHECK(c.admit().pass);  // a listing says that it has none
  c.report.repos.front().revisions.front().without_weights = true;
  CHECK(c.admit().code == ExitCode::damage);
  CHECK(c.admit().weightless);
  c.report.repos.front().revisions.front().weights_at = std::string(40, 'b');
  CHECK(c.admit().why.find("commit bbbbbbbbbbbb has them") != std::string::npos);
  c.repo.repo.type = RepoType::dataset;
  c.report.repos.front().repo.type = RepoType::dataset;
  CHECK(c.admit().pass);
}

TEST_CASE("preflight: strict needs a listing") {
  Case c(Verdict::complete, Basis::index);
  CHECK(c.admit().pass);
  c.request.strict = true;
  CHECK(c.admit().code == ExitCode::incomplete);
  CHECK(c.admit().why.find("--online") != std::string::npos);
}

TEST_CASE("preflight: of each pattern a readable file must be here") {
  Case c;
  c.request.require = {"*.safetensors", "*.json"};
  CHECK(c.admit().pass);
  c.request.require.emplace_back("*.gguf");
  CHECK(c.admit().code == ExitCode::damage);
  CHECK(c.admit().required_missing);
  CHECK(c.admit().why.find("*.gguf") != std::string::npos);
}

TEST_CASE("preflight: an unreadable path outweighs damage in the exit code, not in the message") {
  Case c;
  c.seen.unreadable = {"config.json"};
  CHECK(c.admit().code == ExitCode::incomplete);
  CHECK(c.admit().why.find("config.json") != std::string::npos);
  c.raise(FindingId::missing_shard);  // which this process may not read, either
  CHECK(c.admit().code == ExitCode::damage);
  Case unreadable;
  unreadable.report.unreadable.push_back(
      {"hub/models--acme--six/blobs", "open", "Permission denied"});
  CHECK(unreadable.admit().code == ExitCode::incomplete);
  unreadable.raise(FindingId::missing_shard);
  CHECK(unreadable.admit().code == ExitCode::incomplete);
  CHECK(unreadable.admit().why.find("run: hfaudit") != std::string::npos);
  CHECK(unreadable.admit().why.find("Permission denied") != std::string::npos);
  Case locks;
  locks.report.unreadable.push_back({"hub/.locks/models--acme--six", "open", "Permission denied"});
  CHECK(locks.admit().pass);
  Case refused;
  refused.report.unreadable.push_back({"hub/models--acme--six", "list", "no such repo", {}, true});
  CHECK(refused.admit().code == ExitCode::refused);
}

TEST_CASE("preflight: what is being downloaded, or unknown, does not pass") {
  const Case downloading(Verdict::in_progress);
  CHECK(downloading.admit().code == ExitCode::damage);
  CHECK(downloading.admit().why.find("--wait") != std::string::npos);
  CHECK(Case(Verdict::unknown).admit().code == ExitCode::incomplete);
}

TEST_CASE("preflight: a verdict that warnings leave open names them") {
  Case c(Verdict::unknown);
  c.raise(FindingId::conflicting_digests).message =
      "its blob's name says another hash of model.safetensors than the lock file";
  Admission admission = c.admit();
  CHECK(admission.code == ExitCode::incomplete);
  CHECK(admission.why ==
        "acme/six: it cannot be judged: its blob's name says another hash of model.safetensors "
        "than the lock file; --check full reads its content");
  c.request.check = PreflightCheck::full;
  CHECK(c.admit().why.find("--check full") == std::string::npos);
}

TEST_CASE("preflight: by names and sizes alone, what headers say does not count") {
  Case c(Verdict::corrupt);
  c.raise(FindingId::truncated_file);
  CHECK(c.admit().code == ExitCode::damage);
  c.request.check = PreflightCheck::metadata;
  CHECK(c.admit().pass);
}

TEST_CASE("preflight: what is not here") {
  const RepoRequest repo{{RepoType::model, "acme/six"}, "v1"};
  const auto absent = refuse_absent(nullptr, repo, "/data/hub", {});
  CHECK(absent.code == ExitCode::usage);
  CHECK(absent.why == "acme/six@v1: it is not in /data/hub; run: hfaudit pull acme/six@v1");
  Case c;
  c.raise(FindingId::ref_malformed, "").details.emplace_back("ref", std::string("v1"));
  CHECK(refuse_absent(&c.report, repo, "/data/hub", {}).code == ExitCode::damage);
}
