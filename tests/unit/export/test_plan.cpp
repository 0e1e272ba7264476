// What an archive of a repo holds, in which order, and what each content is checked against.
#include <algorithm>

#include "catch_any.hpp"
#include "export/plan.hpp"

using namespace hfaudit;

namespace {

const std::string planned_commit(40, '1'), other(40, '2');
const std::string first(64, 'a'), second(64, 'b');
const std::string folder = "models--acme--six/";

FileInfo plain_file(std::uint64_t inode, std::uint64_t size) {
  FileInfo meta;
  meta.key = {1, inode};
  meta.type = FileType::regular;
  meta.size = size;
  return meta;
}

struct ExportScene {
  RepoInventory repo;
  Evidence evidence;
  ExportSelection selection;

  ExportScene() {
    repo.repo = {RepoType::model, "acme/six"};
    repo.folder = "models--acme--six";
    for (const auto& name : {first, second}) {
      Blob blob;
      blob.name = name;
      blob.meta = plain_file(repo.blobs.size() + 1, 10);
      repo.blobs.push_back(blob);
    }
    for (const auto& name : {planned_commit, other}) {
      Revision revision;
      revision.commit = name;
      repo.revisions.push_back(revision);
      evidence.revisions.emplace_back();
    }
    selection.commits = {planned_commit};
  }
  Entry& entry(const std::string& path, int blob, std::size_t revision = 0) {
    Entry entry;
    entry.path = path;
    entry.blob = blob;
    entry.exists = true;
    entry.meta = plain_file(100, 5);
    repo.revisions[revision].entries.push_back(entry);
    return repo.revisions[revision].entries.back();
  }
  void list(const std::string& path, const std::string& sha256, std::size_t revision = 0) {
    auto& tree = evidence.revisions[revision].tree;
    if (!tree) tree.emplace();
    TreeFile file;
    file.path = path;
    file.lfs_sha256 = sha256;
    tree->files.push_back(file);
  }
  Ref& ref(const std::string& name, const std::string& of) {
    Ref ref;
    ref.name = name;
    ref.commit = of;
    repo.refs.push_back(ref);
    return repo.refs.back();
  }
  [[nodiscard]] RepoExport plan() const { return plan_export(repo, evidence, selection); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& member : plan().members)
      found.push_back(member.path.substr(folder.size()));
    return found;
  }
};

}  // namespace

TEST_CASE("export plan: listings, links, contents, markers and refs, each sorted") {
  ExportScene scene;
  scene.entry("z.bin", 0);
  scene.entry("a/b/c.txt", 1);
  scene.repo.trees.push_back({"trees/" + planned_commit + ".json", plain_file(3, 7)});
  scene.repo.no_exist[planned_commit] = {"x.json"};
  scene.ref("main", planned_commit);
  scene.ref("dev", planned_commit);
  CHECK(scene.names() ==
        std::vector<std::string>{
            "trees/" + planned_commit + ".json", "snapshots/" + planned_commit + "/a/b/c.txt",
            "snapshots/" + planned_commit + "/z.bin", "blobs/" + first, "blobs/" + second,
            ".no_exist/" + planned_commit + "/x.json", "refs/dev", "refs/main"});
  const auto plan = scene.plan();
  CHECK(plan.members[1].text == "../../../../blobs/" + second);
  CHECK(plan.members[2].text == "../../blobs/" + first);
  CHECK(plan.members.back().text == planned_commit);
  CHECK(plan.files == 2);
}

TEST_CASE("export plan: a blob comes once, and only where a snapshot uses it") {
  ExportScene scene;
  scene.entry("a", 0);
  scene.entry("b", 0);
  scene.entry("c", 1, 1);  // of a snapshot that is not asked for
  scene.ref("main", other);
  CHECK(scene.names() == std::vector<std::string>{"snapshots/" + planned_commit + "/a",
                                                  "snapshots/" + planned_commit + "/b",
                                                  "blobs/" + first});
}

TEST_CASE("export plan: a listing says what content hashes to, else the blob's name") {
  ExportScene scene;
  scene.entry("a", 0);
  scene.entry("b", 1);
  scene.list("a", second);  // listings contradict the name
  scene.evidence.revisions[0].tree->whole = false;
  const auto plan = scene.plan();
  REQUIRE(plan.members.size() == 4);
  REQUIRE(plan.members[2].content.claims.size() == 1);
  CHECK(plan.members[2].content.claims[0].source == ClaimSource::tree);
  CHECK(plan.members[2].content.claims[0].hex == second);
  REQUIRE(plan.members[3].content.claims.size() == 1);
  CHECK(plan.members[3].content.claims[0].source == ClaimSource::name);
}

TEST_CASE("export plan: listings of several snapshots must all be met") {
  ExportScene scene;
  scene.selection.commits = {planned_commit, other};
  scene.entry("a", 0);
  scene.entry("a", 0, 1);
  scene.list("a", first);
  scene.list("a", second, 1);
  const auto plan = scene.plan();
  REQUIRE(plan.members.size() == 3);
  CHECK(plan.members[2].content.claims.size() == 2);
}

TEST_CASE("export plan: a payload in the shared store is read there and placed in the repo") {
  ExportScene scene;
  auto& blob = scene.repo.blobs[0];
  blob.link = "../../blobs/cc/" + std::string(64, 'c');
  blob.meta.type = FileType::symlink;
  blob.payload = plain_file(9, 10);
  blob.shared = true;
  scene.entry("a", 0);
  const auto plan = scene.plan();
  const auto& member = plan.members.back();
  CHECK(member.path == folder + "blobs/" + first);
  CHECK(member.content.place == "blobs/cc/" + std::string(64, 'c'));  // below the hub
  CHECK(member.content.key == FileKey{1, 9});
  CHECK_FALSE(member.content.follow);
}

TEST_CASE("export plan: copies stay files of the snapshot") {
  ExportScene scene;
  scene.entry("a", -1).kind = EntryKind::copy;
  scene.list("a", first);
  const auto plan = scene.plan();
  REQUIRE(plan.members.size() == 1);
  CHECK(plan.members[0].path == folder + "snapshots/" + planned_commit + "/a");
  CHECK(plan.members[0].content.claims[0].hex == first);
  CHECK(plan.members[0].content.place == plan.members[0].path);
  CHECK(plan.unverifiable == 0);
}

TEST_CASE("export plan: what leads outside, or is no file, is left out and said") {
  ExportScene scene;
  scene.entry("outside", -1).escapes = true;
  scene.entry("fifo", -1).kind = EntryKind::other;
  scene.entry("partial", -1).to_partial = true;
  scene.repo.blobs[1].escapes = true;
  scene.entry("blob", 1);
  const auto plan = scene.plan();
  CHECK(plan.members.empty());
  CHECK(plan.notes.size() == 4);
}

TEST_CASE("export plan: a dangling link stays one") {
  ExportScene scene;
  auto& entry = scene.entry("a", -1);
  entry.exists = false;
  entry.target = "/old/hub/models--acme--six/blobs/" + first;
  const auto plan = scene.plan();
  REQUIRE(plan.members.size() == 1);
  CHECK(plan.members[0].text == "../../blobs/" + first);
  CHECK(plan.files == 0);
  CHECK(plan.obstacle ==
        folder + "snapshots/" + planned_commit + "/a leads to a blob that is not there");
}

TEST_CASE(
    "export plan: markers that would hide a file, damaged listings and broken refs are left") {
  ExportScene scene;
  scene.entry("a", 0);
  scene.repo.no_exist[planned_commit] = {"a"};
  scene.repo.trees.push_back({"trees/" + planned_commit + ".json", plain_file(3, 7)});
  scene.repo.trees.push_back({"trees/" + other + ".json", plain_file(4, 7)});
  scene.evidence.bad_trees.emplace_back("trees/" + planned_commit + ".json", "no JSON");
  scene.ref("main", "").failure = "is empty";
  scene.ref("next.tmp", planned_commit).temporary = true;
  CHECK(scene.names() ==
        std::vector<std::string>{"snapshots/" + planned_commit + "/a", "blobs/" + first});
}

TEST_CASE("export plan: a commit that was only probed belongs to the whole repo") {
  ExportScene scene;
  const std::string probed(40, '3');
  scene.repo.no_exist[probed] = {"x"};
  scene.ref("main", probed);
  CHECK(scene.names().empty());
  scene.selection.whole_repo = true;
  CHECK(scene.names() == std::vector<std::string>{".no_exist/" + probed + "/x", "refs/main"});
}

TEST_CASE("export plan: patterns narrow entries, blobs and markers") {
  ExportScene scene;
  scene.entry("a.json", 0);
  scene.entry("b.bin", 1);
  scene.repo.no_exist[planned_commit] = {"x.json", "y.bin"};
  scene.selection.filter.include = {"*.json"};
  CHECK(scene.names() == std::vector<std::string>{"snapshots/" + planned_commit + "/a.json",
                                                  "blobs/" + first,
                                                  ".no_exist/" + planned_commit + "/x.json"});
}

TEST_CASE("export plan: a link through another link is an obstacle with its own reason") {
  ExportScene scene;
  scene.entry("a", -1).kind = EntryKind::link;
  scene.entry("b", 0);
  const auto plan = scene.plan();
  CHECK(plan.files == 1);
  CHECK(plan.notes.size() == 1);
  CHECK(plan.obstacle == folder + "snapshots/" + planned_commit +
                             "/a is a link, but not to one of the repo's blobs");
}

TEST_CASE("export plan: entries that a whole listing omits are left out") {
  ExportScene scene;
  scene.entry("a", 0);
  scene.entry("notes.txt", 1);
  scene.list("a", first);
  CHECK(scene.names() ==
        std::vector<std::string>{"snapshots/" + planned_commit + "/a", "blobs/" + first});
  CHECK(scene.plan().notes ==
        std::vector<std::string>{folder + "snapshots/" + planned_commit +
                                 "/notes.txt is left out: the listing does not name it"});
  CHECK(scene.plan().obstacle.empty());
  scene.evidence.revisions[0].tree->whole = false;
  CHECK(scene.plan().files == 2);
}

TEST_CASE("export plan: contents without a known hash are counted, listings are not") {
  ExportScene scene;
  scene.repo.blobs[0].name = "5df19e76b08f75b3b860de7471ba024b-10";
  scene.entry("a", 0);
  scene.repo.trees.push_back({"trees/" + planned_commit + ".json", plain_file(3, 7)});
  CHECK(scene.plan().unverifiable == 1);
}
