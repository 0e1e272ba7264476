// Verdicts from values alone: no disk, no clock. What the walk cannot easily produce is tested
// here.
#include <algorithm>

#include "catch_any.hpp"
#include "rules/judge.hpp"

using namespace hfaudit;

namespace {

constexpr std::int64_t second = 1'000'000'000, minute = 60 * second;
const std::string old_commit(40, 'a'), new_commit(40, 'b');

// A repo that grows by what a test names.
struct Scene {
  RepoInventory repo;
  Evidence evidence;
  CheckContext context;

  Scene() {
    repo.repo = {RepoType::model, "acme/six"};
    repo.folder = "models--acme--six";
    context.now_ns = 1'000'000 * second;
    context.user_id = 1000;
    context.user_name = "alice";
  }

  Revision& revision(const std::string& commit, std::int64_t born_ns) {
    Revision made;
    made.commit = commit;
    made.born_ns = born_ns;
    repo.revisions.push_back(made);
    evidence.revisions.emplace_back();
    return repo.revisions.back();
  }

  void file(const std::string& commit, const std::string& path, std::uint64_t size) {
    for (auto& made : repo.revisions) {
      if (made.commit != commit) continue;
      Entry entry;
      entry.path = path;
      entry.kind = EntryKind::copy;
      entry.exists = true;
      entry.meta.size = size;
      entry.meta.type = FileType::regular;
      entry.meta.key = {1, ++inode};
      made.entries.push_back(entry);
    }
  }

  void ref(const std::string& name, const std::string& commit) {
    Ref made;
    made.name = name;
    made.commit = commit;
    repo.refs.push_back(made);
  }

  Partial& partial(const std::string& etag, std::int64_t mtime_ns) {
    Partial made;
    made.path = "blobs/" + etag + ".incomplete";
    made.etag = etag;
    made.meta.type = FileType::regular;
    made.meta.mtime_ns = mtime_ns;
    made.meta.allocated = made.present = 4096;
    repo.partials.push_back(made);
    return repo.partials.back();
  }

  [[nodiscard]] Judgement judged() const { return judge(repo, evidence, context); }
  std::uint64_t inode = 0;
};

std::vector<std::string> ids(const Judgement& judgement) {
  std::vector<std::string> names;
  for (const auto& finding : judgement.findings)
    names.emplace_back(info_of(finding.id).name);
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;
const std::string etag(64, 'e');

}  // namespace

TEST_CASE(
    "a partial with no tree belongs to the revision that was being downloaded when it last grew") {
  Scene scene;
  scene.revision(old_commit, 100 * minute);
  scene.file(old_commit, "config.json", 2);
  scene.revision(new_commit, 200 * minute);
  scene.file(new_commit, "config.json", 2);
  scene.file(new_commit, "model.safetensors", 9);
  scene.ref("main", new_commit);

  SECTION("the older one: main is complete, and the damage of a detached revision is a warning") {
    scene.partial(etag, 150 * minute);
    const auto judgement = scene.judged();
    CHECK(judgement.report.verdict == Verdict::complete);
    CHECK(ids(judgement) == Names{"detached-revision", "incomplete-download"});
    CHECK(judgement.findings.back().severity <= Severity::warning);
  }
  SECTION("the newer one: main is incomplete") {
    scene.partial(etag, 250 * minute);
    const auto judgement = scene.judged();
    CHECK(judgement.report.verdict == Verdict::incomplete);
    CHECK(ids(judgement) == Names{"detached-revision", "incomplete-download"});
  }
}

TEST_CASE("a copied cache has no telling times: the partial belongs to what the ref names") {
  Scene scene;
  scene.revision(old_commit, 0);
  scene.file(old_commit, "config.json", 2);
  scene.revision(new_commit, 0);
  scene.file(new_commit, "model.safetensors", 2);
  scene.ref("main", new_commit);
  scene.partial(etag, 250 * minute);
  CHECK(scene.judged().report.verdict == Verdict::incomplete);
}

TEST_CASE(
    "a live partial is progress; one that has not grown for long is stalled, and neither is "
    "damage") {
  Scene scene;
  scene.revision(new_commit, 0);
  scene.file(new_commit, "model.safetensors", 2);
  scene.ref("main", new_commit);
  auto& partial = scene.partial(etag, scene.context.now_ns - minute);
  partial.open = true;
  partial.holder = {4242, "hf"};
  CHECK(scene.judged().report.verdict == Verdict::in_progress);
  CHECK(ids(scene.judged()) == Names{"download-in-progress"});
  scene.repo.partials.front().meta.mtime_ns = scene.context.now_ns - 60 * minute;
  CHECK(scene.judged().report.verdict == Verdict::in_progress);
  CHECK(ids(scene.judged()) == Names{"stalled-download"});
}

TEST_CASE("a dead partial beside a live one of the same blob is of no use") {
  Scene scene;
  scene.revision(new_commit, 0);
  scene.file(new_commit, "model.safetensors", 2);
  scene.ref("main", new_commit);
  scene.partial(etag, scene.context.now_ns);
  auto& live = scene.partial(etag, scene.context.now_ns);
  live.path = "blobs/" + etag + ".0123abcd.incomplete";
  live.open = true;
  CHECK(ids(scene.judged()) == Names{"download-in-progress", "orphan-partial"});
}

TEST_CASE("errors in the very commit that was asked for are errors, detached or not") {
  Scene scene;
  scene.revision(old_commit, 100 * minute);
  Entry dangling;
  dangling.path = "model.safetensors";
  dangling.target = "../../blobs/" + etag;
  scene.repo.revisions.back().entries.push_back(dangling);
  scene.revision(new_commit, 200 * minute);
  scene.file(new_commit, "model.safetensors", 2);
  scene.ref("main", new_commit);
  CHECK(scene.judged().report.verdict == Verdict::complete);
  scene.context.asked_revision = old_commit;
  const auto asked = scene.judged();
  CHECK(asked.report.verdict == Verdict::incomplete);
  REQUIRE(asked.findings.size() == 1);
  CHECK(asked.findings.front().severity == Severity::error);
}

TEST_CASE("in a shared cache other users' files are as they should be, root's are not") {
  Scene scene;
  scene.revision(new_commit, 0);
  scene.file(new_commit, "model.safetensors", 2);
  scene.ref("main", new_commit);
  ExtraEntry folder{"blobs", {}, ""};
  folder.meta.type = FileType::directory;
  folder.meta.access.write = false;
  folder.meta.uid = 1001;
  scene.repo.directories.push_back(folder);
  CHECK(ids(scene.judged()) == Names{"foreign-owner"});
  scene.context.shared_cache = true;
  CHECK(ids(scene.judged()).empty());
  scene.repo.directories.front().meta.uid = 0;
  CHECK(ids(scene.judged()) == Names{"foreign-owner"});
}

TEST_CASE("nested entries of one foreign owner are one finding") {
  Scene scene;
  for (const auto* path : {"", "blobs", "refs", "snapshots", "snapshots/x"}) {
    ExtraEntry folder{path, {}, ""};
    folder.meta.type = FileType::directory;
    folder.meta.access = {false, false, false};
    folder.meta.uid = 0;
    scene.repo.directories.push_back(folder);
  }
  const auto judgement = scene.judged();
  REQUIRE(ids(judgement) == Names{"foreign-owner"});
  CHECK(judgement.findings.front().path == "models--acme--six");
  CHECK(std::get<std::uint64_t>(judgement.findings.front().details.back().second) == 4);
}
