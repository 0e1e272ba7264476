// What the bytes say against what they should be: the rule, from values alone.
#include <algorithm>

#include "catch_any.hpp"
#include "rules/judge.hpp"

using namespace hfaudit;

namespace {

const std::string commit(40, 'c'), sha_a(64, 'a'), sha_b(64, 'b'), git_a(40, '1'), git_b(40, '2');

// One repo with one revision and one file, whose blob, tree, Hub and content a test names.
struct DigestScene {
  RepoInventory repo;
  Evidence evidence;
  ContentReads reads;
  CheckContext context;

  explicit DigestScene(const std::string& blob_name) {
    repo.repo = {RepoType::dataset, "acme/data"};
    repo.folder = "datasets--acme--data";
    Blob blob;
    blob.name = blob_name;
    blob.meta.key = {1, 7};
    blob.meta.size = 10;
    blob.meta.type = FileType::regular;
    repo.blobs.push_back(blob);
    Entry entry;
    entry.path = "data.csv";
    entry.blob = 0;
    entry.exists = true;
    entry.meta = blob.meta;
    Revision revision;
    revision.commit = commit;
    revision.entries.push_back(entry);
    repo.revisions.push_back(revision);
    evidence.revisions.emplace_back();
    Ref ref;
    ref.name = "main";
    ref.commit = commit;
    repo.refs.push_back(ref);
    context.verifying = true;
    context.reads = &reads;
  }

  static Tree tree_with(const std::string& etag) {
    TreeFile file;
    file.path = "data.csv";
    file.size = 10;
    file.blob_id = etag.size() == 40 ? etag : std::string(40, '9');
    if (etag.size() == 64) file.lfs_sha256 = etag;
    return {{file}};
  }
  void tree(const std::string& etag) { evidence.revisions.front().tree = tree_with(etag); }
  void hub(const std::string& etag) { evidence.revisions.front().hub = tree_with(etag); }
  void read(const std::string& sha256, const std::string& git_sha1,
            const std::string& head = "a,b\n") {
    ContentRead read;
    read.size = 10;
    read.sha256 = sha256;
    read.git_sha1 = git_sha1;
    read.head = head;
    reads[{1, 7}] = read;
  }

  [[nodiscard]] Judgement judged() const { return judge(repo, evidence, context); }
};

std::vector<std::string> found(const Judgement& judgement) {
  std::vector<std::string> names;
  for (const auto& finding : judgement.findings)
    names.emplace_back(info_of(finding.id).name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string basis(const Judgement& judgement) {
  for (const auto& finding : judgement.findings) {
    for (const auto& [key, value] : finding.details) {
      if (key == "basis") return std::get<std::string>(value);
    }
  }
  return {};
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("content that its name speaks for is good") {
  DigestScene scene(sha_a);
  CHECK(found(scene.judged()).empty());  // not read yet
  scene.read(sha_a, "");
  CHECK(found(scene.judged()).empty());
  CHECK(scene.judged().report.verdict == Verdict::complete);
}

TEST_CASE("the strongest source that speaks decides, and is named") {
  struct Row {
    std::string name, tree, hub, content;
    Names findings;
    std::string basis;
  };
  const std::vector<Row> rows = {
      {sha_a, "", "", sha_b, {"digest-mismatch"}, "name"},
      {sha_a, sha_a, "", sha_b, {"digest-mismatch"}, "tree"},
      {sha_a, sha_a, sha_a, sha_b, {"digest-mismatch"}, "hub"},
      {sha_b, sha_a, "", sha_a, {"conflicting-digests"}, ""},
      {sha_b, sha_a, "", sha_b, {"conflicting-digests", "digest-mismatch"}, "tree"},
      {sha_a, sha_b, sha_a, sha_a, {"conflicting-digests"}, ""},
      {sha_b, sha_b, sha_a, sha_b, {"conflicting-digests", "digest-mismatch"}, "hub"},
      {"5df19e76b08f75b3b860de7471ba024b-10", "", "", sha_a, {"unverifiable"}, ""},
      {"5df19e76b08f75b3b860de7471ba024b-10", sha_a, "", sha_a, {}, ""},
      {"W/\"" + git_a, "", "", sha_b, {}, ""},  // git's hash was not computed: nothing is known
  };
  for (const auto& row : rows) {
    DigestScene scene(row.name);
    if (!row.tree.empty()) scene.tree(row.tree);
    if (!row.hub.empty()) scene.hub(row.hub);
    scene.read(row.content, "");
    const auto judgement = scene.judged();
    CAPTURE(row.name, row.tree, row.hub, row.content);
    CHECK(found(judgement) == row.findings);
    CHECK(basis(judgement) == row.basis);
    const bool corrupt =
        std::count(row.findings.begin(), row.findings.end(), "digest-mismatch") != 0;
    CHECK((judgement.report.verdict == Verdict::corrupt) == corrupt);
  }
}

TEST_CASE("two hashes of two kinds contradict each other only where the content shows it") {
  DigestScene scene(sha_a);
  scene.tree(git_a);
  CHECK(found(scene.judged()).empty());
  scene.read(sha_a, git_a);
  CHECK(found(scene.judged()).empty());
  scene.read(sha_b, git_a);
  CHECK(found(scene.judged()) == Names{"conflicting-digests"});
  scene.read(sha_a, git_b);
  CHECK(found(scene.judged()) == Names{"conflicting-digests", "digest-mismatch"});
}

TEST_CASE("a listing that asks for a hash that was not computed hides no damage") {
  DigestScene scene(sha_a);
  scene.tree(git_a);
  scene.read(sha_b, "");
  CHECK(found(scene.judged()) == Names{"digest-mismatch"});
  CHECK(basis(scene.judged()) == "name");
}

TEST_CASE("wrong content is called by what it is") {
  DigestScene scene(sha_a);
  scene.read(sha_b, "", "<!DOCTYPE html><html><head><title>403</title>");
  CHECK(found(scene.judged()) == Names{"not-the-content"});
  scene.read(sha_b, "",
             "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha_a + "\nsize 10\n");
  CHECK(found(scene.judged()) == Names{"lfs-pointer"});
  scene.read(sha_a, "", "<!DOCTYPE html><html>");  // the repo's own page
  CHECK(found(scene.judged()).empty());
}

TEST_CASE("what could not be read is neither good nor corrupt") {
  DigestScene scene(sha_a);
  scene.read("", "");
  auto& read = scene.reads.begin()->second;
  read.outcome = ReadOutcome::unreadable;
  read.offset = 4096;
  read.cause = "Input/output error";
  const auto judgement = scene.judged();
  CHECK(found(judgement).empty());
  CHECK(judgement.report.revisions.front().verdict == Verdict::unknown);
  REQUIRE(judgement.unread.size() == 1);
  CHECK(judgement.unread.front().operation == "read byte 4096 of");
  CHECK(judgement.unread.front().path == "datasets--acme--data/snapshots/" + commit + "/data.csv");
}

TEST_CASE("a read of another file under the same number says nothing") {
  DigestScene scene(sha_a);
  scene.read(sha_b, "");
  scene.reads.begin()->second.size = 11;
  CHECK(found(scene.judged()).empty());
}

TEST_CASE("files are listed once, with all that is claimed of them") {
  DigestScene scene(sha_b);
  scene.tree(git_a);
  scene.hub(sha_b);
  scene.repo.revisions.front().entries.push_back(scene.repo.revisions.front().entries.front());
  scene.repo.revisions.front().entries.back().path = "same.csv";
  const auto contents = scene.judged().contents;
  REQUIRE(contents.size() == 1);
  CHECK(contents.front().place == "blobs/" + sha_b);
  CHECK(contents.front().claims.size() == 2);  // the Hub and the name say the same
  scene.context.verifying = false;
  CHECK(scene.judged().contents.empty());
}

TEST_CASE("what an etag claims") {
  CHECK(claim_of(ClaimSource::name, sha_a)->kind == HashKind::sha256);
  CHECK(claim_of(ClaimSource::name, git_a)->kind == HashKind::git_sha1);
  CHECK(claim_of(ClaimSource::name, "W/\"" + git_a + "\"")->hex == git_a);
  CHECK(claim_of(ClaimSource::name, "\"" + git_a + "\"")->hex == git_a);
  for (const std::string& etag :
       {std::string(), std::string(32, 'a'), std::string(40, 'A'), std::string(40, '0'),
        std::string(64, '0'), sha_a + "-3", std::string("W/")}) {
    CAPTURE(etag);
    CHECK_FALSE(claim_of(ClaimSource::name, etag));
  }
}
