#include "catch_any.hpp"

#include "hfaudit/identity.hpp"

using namespace hfaudit;

TEST_CASE("a repo and its folder name are each other's inverse") {
  struct Row {
    RepoType type;
    const char* id;
    const char* folder;
  };
  const Row rows[] = {
      {RepoType::model, "acme/six", "models--acme--six"},
      {RepoType::model, "gpt2", "models--gpt2"},
      {RepoType::dataset, "acme/words.v2", "datasets--acme--words.v2"},
      {RepoType::space, "acme/demo_1", "spaces--acme--demo_1"},
      {RepoType::kernel, "acme/flash-attn", "kernels--acme--flash-attn"},
      {RepoType::model, "a/b/c", "models--a--b--c"},  // no Hub has it; a folder may
      {RepoType::model, "acme/\xff", "models--acme--\xff"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.folder);
    const RepoId repo{row.type, row.id};
    CHECK(repo.folder() == row.folder);
    REQUIRE(parse_repo_folder(row.folder).has_value());
    CHECK(*parse_repo_folder(row.folder) == repo);
  }
}

TEST_CASE("names that are no repo folder") {
  for (const char* name :
       {"", "models", "models--", "--acme--six", "model--acme--six", "modelss--acme", "blobs",
        ".locks", "models----six", "models--acme--", "models--..--six", "models--.", "Models--a--b",
        "version.txt", "tmpabc", "buckets--acme--six"}) {
    CAPTURE(name);
    CHECK_FALSE(parse_repo_folder(name).has_value());
  }
}

TEST_CASE("a REPO of the command line") {
  struct Row {
    const char* text;
    RepoType type;
    const char* id;
    const char* revision;  // nullptr for none
  };
  const Row rows[] = {
      {"acme/six", RepoType::model, "acme/six", nullptr},
      {"gpt2", RepoType::model, "gpt2", nullptr},
      {"acme/six@v1.0", RepoType::model, "acme/six", "v1.0"},
      {"acme/six@refs/pr/1", RepoType::model, "acme/six", "refs/pr/1"},
      {"acme/six@feature/a@b", RepoType::model, "acme/six", "feature/a@b"},
      {"acme/six@datasets/x", RepoType::model, "acme/six", "datasets/x"},
      {"models/acme/six", RepoType::model, "acme/six", nullptr},
      {"model/acme/six", RepoType::model, "acme/six", nullptr},
      {"datasets/acme/words", RepoType::dataset, "acme/words", nullptr},
      {"datasets/squad", RepoType::dataset, "squad", nullptr},
      {"dataset/acme/words@main", RepoType::dataset, "acme/words", "main"},
      {"spaces/acme/demo", RepoType::space, "acme/demo", nullptr},
      {"kernels/acme/k", RepoType::kernel, "acme/k", nullptr},
      {"hf://acme/six", RepoType::model, "acme/six", nullptr},
      {"hf://datasets/acme/words@rev", RepoType::dataset, "acme/words", "rev"},
      {"hf://acme/six@refs%2Fpr%2f1", RepoType::model, "acme/six", "refs/pr/1"},
      {"acme/six@a%2Fb", RepoType::model, "acme/six", "a%2Fb"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto request = parse_repo_request(row.text);
    REQUIRE(request.has_value());
    CHECK(request->repo.type == row.type);
    CHECK(request->repo.id == row.id);
    CHECK(request->revision.has_value() == (row.revision != nullptr));
    if (request->revision && row.revision != nullptr) CHECK(*request->revision == row.revision);
  }
}

TEST_CASE("the option --repo-type is for a REPO that names none") {
  CHECK(parse_repo_request("acme/words", RepoType::dataset)->repo.type == RepoType::dataset);
  CHECK(parse_repo_request("models/acme/words", RepoType::dataset)->repo.type == RepoType::model);
}

TEST_CASE("what is no REPO says why") {
  for (const char* text : {"", "/", "acme/", "/six", "a/b/c", "datasets/a/b/c", "datasets/",
                           "hf://", "acme/six@", "@main", "../six", "acme/..", "./six", "acme/a..b",
                           "acme/a--b", "foo--acme", "hf://acme/six/config.json"}) {
    CAPTURE(text);
    const auto request = parse_repo_request(text);
    REQUIRE_FALSE(request.has_value());
    CHECK(request.error().subject == text);
    CHECK_FALSE(request.error().cause.empty());
  }
}

TEST_CASE("repo types by their singular and their plural") {
  CHECK(parse_repo_type("model") == RepoType::model);
  CHECK(parse_repo_type("datasets") == RepoType::dataset);
  CHECK(parse_repo_type("kernels") == RepoType::kernel);
  for (const char* text : {"", "s", "modelss", "Model", "bucket"})
    CHECK_FALSE(parse_repo_type(text).has_value());
}

TEST_CASE("hashes by their length and letters") {
  CHECK(is_commit_hash("0123456789abcdef0123456789abcdef01234567"));
  CHECK_FALSE(is_commit_hash("0123456789ABCDEF0123456789abcdef01234567"));
  CHECK_FALSE(is_commit_hash("0123456789abcdef0123456789abcdef0123456"));
  CHECK_FALSE(is_commit_hash("0123456789abcdef0123456789abcdef01234567\n"));
  CHECK_FALSE(is_commit_hash(""));
  CHECK(is_sha256(std::string(64, 'a')));
  CHECK_FALSE(is_sha256(std::string(63, 'a') + "g"));
}
