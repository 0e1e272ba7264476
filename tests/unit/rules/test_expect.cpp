// What a revision should have: trees, indices, numbering, components, patterns.
#include <algorithm>

#include "catch_any.hpp"
#include "rules/expect.hpp"

using namespace hfaudit;

namespace {

Revision revision_of(const std::vector<std::string>& present) {
  Revision revision;
  revision.commit = std::string(40, 'c');
  for (const auto& path : present) {
    Entry entry;
    entry.path = path;
    entry.exists = true;
    revision.entries.push_back(entry);
  }
  std::sort(revision.entries.begin(), revision.entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return revision;
}

std::vector<std::string> wanted(const Manifest& manifest) {
  std::vector<std::string> paths;
  for (const auto& file : manifest.files) {
    if (!file.named_by.empty()) paths.emplace_back(file.path);
  }
  return paths;
}

Tree tree_of(const std::vector<std::string>& paths) {
  Tree tree;
  for (const auto& path : paths) {
    TreeFile file;
    file.path = path;
    file.size = 1;
    file.blob_id = std::string(40, 'b');
    tree.files.push_back(file);
  }
  return tree;
}

const std::string safe_index = "model.safetensors.index.json",
                  torch_index = "pytorch_model.bin.index.json";
const std::vector<std::string> safe = {"model-00001-of-00002.safetensors",
                                       "model-00002-of-00002.safetensors"};
const std::vector<std::string> torch = {"pytorch_model-00001-of-00002.bin",
                                        "pytorch_model-00002-of-00002.bin"};

Manifest expect_model(const std::vector<std::string>& present, const RevisionEvidence& evidence) {
  return expect(RepoType::model, revision_of(present), evidence, {});
}

}  // namespace

TEST_CASE("an index names its shards, with nothing else to go by") {
  RevisionEvidence evidence;
  evidence.indices.push_back({safe_index, safe});
  const auto manifest = expect_model({safe_index, "config.json"}, evidence);
  CHECK(manifest.basis == Basis::index);
  CHECK(wanted(manifest) == safe);
}

TEST_CASE("an index that --exclude left without any shard wants none, beside a complete set") {
  RevisionEvidence evidence;
  evidence.indices.push_back({safe_index, safe});
  evidence.indices.push_back({torch_index, torch});
  CHECK(wanted(expect_model({safe_index, torch_index, safe[0], safe[1]}, evidence)) == safe);

  SECTION("but one shard of it shows that it is wanted") {
    const auto files =
        wanted(expect_model({safe_index, torch_index, safe[0], safe[1], torch[0]}, evidence));
    CHECK(files == std::vector<std::string>{safe[0], safe[1], torch[0], torch[1]});
  }
  SECTION("and beside an incomplete set it is wanted, too") {
    CHECK(wanted(expect_model({safe_index, torch_index, safe[0]}, evidence)).size() == 4);
  }
  SECTION("a single file of weights is a complete set") {
    CHECK(wanted(expect_model({torch_index, "model.safetensors"}, evidence)).empty());
  }
  SECTION("a set in another folder is not this one's") {
    CHECK(wanted(expect_model({torch_index, "other/model.safetensors"}, evidence)).size() == 4);
  }
}

TEST_CASE("a tree overrules an index that names what the Hub does not have") {
  RevisionEvidence evidence;
  evidence.tree = tree_of({"config.json", safe_index, "model.safetensors"});
  evidence.indices.push_back({safe_index, safe});
  const auto manifest = expect_model({"config.json", safe_index, "model.safetensors"}, evidence);
  CHECK(manifest.basis == Basis::tree);
  CHECK(manifest.files.size() == 3);
  CHECK(wanted(manifest).empty());
}

TEST_CASE("a numbered shard names its siblings in a model, and not in a dataset") {
  const auto model = expect_model({safe[0]}, {});
  CHECK(model.basis == Basis::shard_names);
  CHECK(wanted(model) == safe);
  CHECK(expect(RepoType::dataset, revision_of({"data-00001-of-00002.bin"}), {}, {}).files.empty());
  CHECK(expect_model({"train-00001-of-00002.parquet"}, {}).files.empty());
}

TEST_CASE("a numbering that claims a billion shards is no claim") {
  CHECK(expect_model({"model-00001-of-99999999.safetensors"}, {}).files.empty());
}

TEST_CASE("diffusers: a model among the components has weights") {
  RevisionEvidence evidence;
  evidence.components = {"scheduler", "unet", "vae"};
  const auto files =
      wanted(expect_model({"model_index.json", "scheduler/scheduler_config.json",
                           "unet/config.json", "unet/diffusion_pytorch_model.fp16.safetensors"},
                          evidence));
  CHECK(files.empty());  // a component without a folder may be left out on purpose
  const auto weights = wanted(expect_model(
      {"scheduler/scheduler_config.json", "unet/config.json", "vae/config.json", "vae/model.onnx"},
      evidence));
  CHECK(weights == std::vector<std::string>{"unet/diffusion_pytorch_model.safetensors"});
}

TEST_CASE("patterns mean what they mean for hf download") {
  const auto matches = [](const char* pattern, const char* text) { return fnmatch(pattern, text); };
  CHECK(matches("*.safetensors", "unet/model.safetensors"));  // * crosses slashes
  CHECK(matches("model-0000?-of-*", "model-00001-of-00002.bin"));
  CHECK(matches("[!a]*", "b"));
  CHECK(matches("[a-c]x", "bx"));
  CHECK(matches("[]]x", "]x"));
  CHECK(matches("[x", "[x"));
  CHECK(matches("**a**b", "aab"));
  CHECK_FALSE(matches("*.json", "model.json.bak"));
  CHECK_FALSE(matches("[!a]*", "a"));
  CHECK_FALSE(matches("", "a"));
  CHECK(matches("", ""));
  const PathFilter folder{{"unet/"}, {"*.bin"}};
  CHECK(folder.accepts("unet/a/b.safetensors"));
  CHECK_FALSE(folder.accepts("unet/a.bin"));
  CHECK_FALSE(folder.accepts("vae/a"));
}

TEST_CASE("a pattern of a thousand stars ends at once") {
  const std::string pattern(1000, '*');
  CHECK_FALSE(fnmatch(pattern + "x", std::string(10'000, 'a')));
}

TEST_CASE("a file of the whole that something else requires is required") {
  const auto one = [](NamedKind kind, const char* path, const char* by) {
    Named made;
    made.kind = kind;
    made.paths = {path};
    made.named_by = by;
    return made;
  };
  RevisionEvidence evidence;
  evidence.named = {one(NamedKind::listed, "a.ckpt", "hyperparams.yaml"),
                    one(NamedKind::required, "a.ckpt", "a.ckpt.crdownload")};
  CHECK(wanted(expect_model({"hyperparams.yaml"}, evidence)) == std::vector<std::string>{"a.ckpt"});
  std::reverse(evidence.named.begin(), evidence.named.end());
  CHECK(wanted(expect_model({"hyperparams.yaml"}, evidence)) == std::vector<std::string>{"a.ckpt"});
}

TEST_CASE("parts are wanted where a part that the same file names is here") {
  RevisionEvidence evidence;
  for (const char* path : {"x/0", "x/1", "y/0"}) {
    Named part;
    part.kind = NamedKind::part;
    part.paths = {path};
    part.named_by = path[0] == 'x' ? "x.chk" : "y.chk";
    evidence.named.push_back(part);
  }
  CHECK(wanted(expect_model({"x/0"}, evidence)) == std::vector<std::string>{"x/1"});
  CHECK(wanted(expect_model({"config.txt"}, evidence)).empty());
}
