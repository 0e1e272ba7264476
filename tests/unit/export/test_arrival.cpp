// The verdict on the exported part of a revision, where patterns leave out files.
#include "catch_any.hpp"
#include "export/arrival.hpp"

using namespace hfaudit;

namespace {

const std::string commit(40, '1');

// A model in two parts with an index, as a client leaves it.
struct ShardedScene {
  RepoInventory repo;
  Evidence evidence;

  ShardedScene() {
    repo.repo = {RepoType::model, "acme/six"};
    repo.folder = "models--acme--six";
    Revision revision;
    revision.commit = commit;
    Tree tree;
    for (const std::string path :
         {"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
          "model.safetensors.index.json"}) {
      Blob blob;
      blob.name = std::string(63, 'a') + std::to_string(repo.blobs.size());
      blob.meta.key = {1, repo.blobs.size() + 1};
      blob.meta.type = FileType::regular;
      blob.meta.size = 10;
      Entry entry;
      entry.path = path;
      entry.blob = static_cast<int>(repo.blobs.size());
      entry.exists = true;
      entry.target = "../../blobs/" + blob.name;
      TreeFile file;
      file.path = path;
      file.size = 10;
      file.lfs_sha256 = blob.name;
      repo.blobs.push_back(blob);
      revision.entries.push_back(entry);
      tree.files.push_back(file);
    }
    repo.revisions.push_back(revision);
    Ref ref;
    ref.name = "main";
    ref.commit = commit;
    repo.refs.push_back(ref);
    RevisionEvidence known;
    known.tree = tree;
    known.indices.push_back(
        {"model.safetensors.index.json",
         {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}});
    evidence.revisions.push_back(known);
  }
  [[nodiscard]] std::vector<std::string> warnings(std::vector<std::string> include,
                                                  std::vector<std::string> exclude = {}) const {
    return warnings_on_arrival(repo, evidence, {commit}, {std::move(include), std::move(exclude)});
  }
};

}  // namespace

TEST_CASE(
    "export arrival: all files, or a part that nothing else names, are no cause for a warning") {
  const ShardedScene scene;
  CHECK(scene.warnings({"*"}).empty());
  CHECK(scene.warnings({"config.json"}).empty());
  CHECK(scene.warnings({}, {"config.json"}).empty());
}

TEST_CASE("export arrival: one part of a model, and an index without its parts, are incomplete") {
  const ShardedScene scene;
  for (const auto& pattern : {"model-00001-*", "*.json"}) {
    CAPTURE(pattern);
    const auto warnings = scene.warnings({pattern});
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].starts_with("acme/six@" + commit + " will be incomplete"));
    CHECK(warnings[0].find("model-0000") != std::string::npos);
  }
}
