// The forms in which people write a REPO, and the hints for those that are none.
#include "catch_any.hpp"

#include "hfaudit/identity.hpp"

using namespace hfaudit;

TEST_CASE("pasted URLs, folder names and other spellings of a REPO") {
  struct Row {
    const char* text;
    const char* name;  // as RepoRequest::name() has it
    const char* file;
  };
  const Row rows[] = {
      {"https://huggingface.co/acme/six", "acme/six", ""},
      {"http://huggingface.co/acme/six", "acme/six", ""},
      {"https://huggingface.co/acme/six/", "acme/six", ""},
      {"https://HuggingFace.co/acme/six", "acme/six", ""},
      {"https://www.huggingface.co/acme/six", "acme/six", ""},
      {"huggingface.co/acme/six", "acme/six", ""},
      {"hf.co/acme/six", "acme/six", ""},
      {"https://hf.co/acme/six", "acme/six", ""},
      {"https://huggingface.co/gpt2", "gpt2", ""},
      {"https://huggingface.co/gpt2/tree/main", "gpt2@main", ""},
      {"https://huggingface.co/gpt2/blob/main/config.json", "gpt2@main", "config.json"},
      {"https://huggingface.co/acme/six/tree/v1.0", "acme/six@v1.0", ""},
      {"https://huggingface.co/acme/six/tree/main/onnx", "acme/six@main", ""},
      {"https://huggingface.co/acme/six/tree/refs%2Fpr%2F1", "acme/six@refs/pr/1", ""},
      {"https://huggingface.co/acme/six/tree/refs/pr/1", "acme/six@refs/pr/1", ""},
      {"https://huggingface.co/acme/six/blob/main/a%20b/c.json", "acme/six@main", "a b/c.json"},
      {"https://huggingface.co/acme/six/resolve/main/c.json?download=true", "acme/six@main",
       "c.json"},
      {"https://huggingface.co/acme/six/raw/v1/c.json", "acme/six@v1", "c.json"},
      {"https://huggingface.co/acme/six/commit/0123456789abcdef0123456789abcdef01234567",
       "acme/six@0123456789abcdef0123456789abcdef01234567", ""},
      {"https://huggingface.co/acme/six/commits/dev", "acme/six@dev", ""},
      {"https://huggingface.co/acme/six/discussions/3", "acme/six", ""},
      {"https://huggingface.co/acme/six?library=transformers#files", "acme/six", ""},
      {"https://huggingface.co/acme/six.git", "acme/six", ""},
      {"git@hf.co:acme/six", "acme/six", ""},
      {"git@hf.co:datasets/acme/words", "datasets/acme/words", ""},
      {"https://huggingface.co/datasets/acme/words", "datasets/acme/words", ""},
      {"https://huggingface.co/datasets/acme/words/viewer/default/train", "datasets/acme/words",
       ""},
      {"https://huggingface.co/datasets/squad/tree/main", "datasets/squad@main", ""},
      {"https://huggingface.co/spaces/acme/demo", "spaces/acme/demo", ""},
      {"https://huggingface.co/api/models/acme/six/revision/v1", "acme/six@v1", ""},
      {"https://huggingface.co/api/datasets/acme/words/tree/main", "datasets/acme/words@main", ""},
      {"https://mirror.example/hub/acme/six/tree/main", "acme/six@main", ""},
      {"models--acme--six", "acme/six", ""},
      {"models--gpt2", "gpt2", ""},
      {"datasets--acme--words", "datasets/acme/words", ""},
      {"models--acme--six/", "acme/six", ""},
      {"models--acme--six@v1", "acme/six@v1", ""},
      {"models--acme--six@refs/pr/1", "acme/six@refs/pr/1", ""},
      {"acme/six/", "acme/six", ""},
      {"model/acme/six", "acme/six", ""},
      {"dataset/acme/words", "datasets/acme/words", ""},
      {"hf://acme/six:v1", "acme/six@v1", ""},
      {"hf://acme/six:refs%2Fpr%2F1", "acme/six@refs/pr/1", ""},
      {"hf://datasets/acme/words:v1", "datasets/acme/words@v1", ""},
      {"hf://gpt2:main", "gpt2@main", ""},
      {"hf://acme/six@v1", "acme/six@v1", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto request =
        parse_repo_request(row.text, RepoType::model, "https://mirror.example/hub/");
    REQUIRE(request.has_value());
    CHECK(request->name() == row.name);
    CHECK(request->file == row.file);
  }
}

TEST_CASE("the URL's type counts, and not that of --repo-type") {
  CHECK(parse_repo_request("https://hf.co/acme/six", RepoType::dataset)->name() == "acme/six");
  CHECK(parse_repo_request("models--acme--six", RepoType::dataset)->name() == "acme/six");
}

TEST_CASE("what is no REPO names the likely meaning") {
  struct Row {
    const char* text;
    const char* says;
  };
  const Row rows[] = {
      {"acme/six:Q4_K_M", "--include '*Q4_K_M*'"},
      {"acme/six:latest", "acme/six@latest"},
      {"six:UD-IQ2_XS", "--include"},
      {"hf.co/acme/six:Q8_0", "--include '*Q8_0*'"},
      {"https://huggingface.co/acme/six:F16", "--include"},
      {"https://huggingface.co/docs/hub", "not a repo"},
      {"https://huggingface.co", "not a repo"},
      {"https://huggingface.co/datasets", "not a repo"},
      {"https://huggingface.co/papers/2401.1", "not a repo"},
      {"https://github.com/acme/six", "github.com is not the Hub"},
      {"s3://bucket/acme", "org/name"},
      {"/hf/hub/models--acme--six/snapshots/abc", "did you mean acme/six@abc?"},
      {"/hf/hub/models--acme--six/snapshots/abc/", "did you mean acme/six@abc?"},
      {"/hf/hub/models--acme--six/snapshots/abc/config.json", "did you mean acme/six@abc?"},
      {"hub/datasets--a--d/refs/pr/1", "did you mean datasets/a/d@pr/1?"},
      {"/hf/hub/models--acme--six", "did you mean acme/six?"},
      {"/hf/hub/models--acme--six/", "did you mean acme/six?"},
      {"./models--acme--six", "did you mean acme/six?"},
      {"/hf/hub/models--acme--six/blobs/abc", "did you mean acme/six?"},
      {"/hf/hub/.locks/models--acme--six/x.lock", "did you mean acme/six?"},
      {"/hf/hub/models--acme--six/trees/abc.json", "did you mean acme/six@abc?"},
      {"file:///hf/hub/models--acme--six", "did you mean acme/six?"},
      {"./six", "--local-dir"},
      {"/data/six", "--local-dir"},
      {"~/six", "--local-dir"},
      {"..", "--local-dir"},
      {"https://huggingface.co/acme/six/tree/", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto request = parse_repo_request(row.text);
    if (*row.says == '\0') {
      CHECK(request->name() == "acme/six");
      continue;
    }
    REQUIRE_FALSE(request.has_value());
    CHECK(request.error().subject == row.text);
    CHECK(request.error().cause.find(row.says) != std::string::npos);
  }
}

TEST_CASE("the folder that holds a cached path") {
  CHECK(parse_cached_path("/hf/hub/models--a--x/snapshots/c")->hub == "/hf/hub");
  CHECK(parse_cached_path("/hf/hub/.locks/models--a--x/e.lock")->hub == "/hf/hub");
  CHECK(parse_cached_path("models--a--x/blobs")->hub.empty());
  CHECK_FALSE(parse_cached_path("/data/six").has_value());
}

TEST_CASE("names that no repo can have are refused") {
  for (const char* text :
       {"acme/pl ain", "acme/pl%20ain", "acme%2Fplain", "acme/pl\nain", "acme/pl\\ain",
        "acme/plain?x", "acme/pl*", "acme-/plain", "acme/-plain", "acme/plain.", "acme/plain@a\x01",
        "hf://acme/pl%20ain", "https://huggingface.co/acme/pl%20ain", "models--acme--pl ain"})
    CHECK(!parse_repo_request(text));
  CHECK(!parse_repo_request(std::string_view("acme/pl\0ain", 11)));
  CHECK(!parse_repo_folder("models--acme/six"));
}

TEST_CASE("a password in a pasted URL is dropped") {
  const auto request = parse_repo_request("https://user:hf_x@huggingface.co/acme/six");
  REQUIRE(request);
  CHECK(request->repo.id == "acme/six");
  const auto other = parse_repo_request("https://user:hf_x@example.org/acme/six");
  REQUIRE(!other);
  CHECK((other.error().subject + other.error().cause).find("hf_x") == std::string::npos);
  CHECK(parse_repo_request("hf://gpt2@main")->revision == "main");
}
