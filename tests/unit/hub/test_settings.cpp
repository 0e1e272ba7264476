#include "catch_any.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "hub/endpoint.hpp"
#include "hub/token.hpp"
#include "made_environment.hpp"

using namespace hfaudit;
using test::environment_of;
using test::Variables;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(Printable<std::string> && !Printable<Token>);

}  // namespace

// What huggingface_hub 2.4 says in the same environments.
TEST_CASE("the endpoint") {
  struct Row {
    Variables variables;
    const char* url;  // nullptr: an error
    const char* because;
  };
  const Row rows[] = {
      {{}, "https://huggingface.co", "default"},
      {{{"HF_ENDPOINT", "https://mirror.example/"}}, "https://mirror.example", "HF_ENDPOINT"},
      {{{"HF_ENDPOINT", "https://mirror.example/hf//"}},
       "https://mirror.example/hf",
       "HF_ENDPOINT"},
      {{{"HF_ENDPOINT", "http://127.0.0.1:8080"}}, "http://127.0.0.1:8080", "HF_ENDPOINT"},
      {{{"HUGGINGFACE_CO_STAGING", "1"}},
       "https://hub-ci.huggingface.co",
       "HUGGINGFACE_CO_STAGING"},
      {{{"HUGGINGFACE_CO_STAGING", "yes"}, {"HF_ENDPOINT", "https://m"}},
       "https://hub-ci.huggingface.co",
       "HUGGINGFACE_CO_STAGING"},
      {{{"HUGGINGFACE_CO_STAGING", "0"}, {"HF_ENDPOINT", "https://m"}}, "https://m", "HF_ENDPOINT"},
      {{{"HF_ENDPOINT", ""}}, nullptr, ""},
      {{{"HF_ENDPOINT", "huggingface.co"}}, nullptr, ""},
      {{{"HF_ENDPOINT", "https://m?x=y"}}, nullptr, ""},
      {{{"HF_ENDPOINT", "https://m#x"}}, nullptr, ""},
  };
  for (const auto& row : rows) {
    const auto settings = find_hub_settings(environment_of(row.variables));
    REQUIRE(settings.has_value() == (row.url != nullptr));
    if (!settings) continue;
    CHECK(settings->endpoint.url == row.url);
    CHECK(settings->endpoint.because == row.because);
  }
}

TEST_CASE("whether the Hub may be asked") {
  struct Row {
    Variables variables;
    const char* offline;
  };
  const Row rows[] = {
      {{}, ""},
      {{{"HF_HUB_OFFLINE", "1"}}, "HF_HUB_OFFLINE"},
      {{{"HF_HUB_OFFLINE", "True"}}, "HF_HUB_OFFLINE"},
      {{{"HF_HUB_OFFLINE", "on"}}, "HF_HUB_OFFLINE"},
      {{{"HF_HUB_OFFLINE", "2"}}, ""},
      {{{"TRANSFORMERS_OFFLINE", "YES"}}, "TRANSFORMERS_OFFLINE"},
      {{{"HF_HUB_OFFLINE", "0"}, {"TRANSFORMERS_OFFLINE", "1"}}, ""},
      {{{"HF_HUB_OFFLINE", ""}, {"TRANSFORMERS_OFFLINE", "1"}}, "TRANSFORMERS_OFFLINE"},
  };
  for (const auto& row : rows)
    CHECK(find_hub_settings(environment_of(row.variables))->offline == row.offline);
}

TEST_CASE("timeouts and certificates") {
  const auto etag = [](const char* value) {
    return find_hub_settings(environment_of({{"HF_HUB_ETAG_TIMEOUT", value}}));
  };
  CHECK(find_hub_settings(environment_of({}))->etag_timeout_s == 10);
  CHECK(etag("30")->etag_timeout_s == 30);
  CHECK_FALSE(etag("30")->download_timeout_s);
  CHECK(etag("0")->etag_timeout_s == 10);
  CHECK(etag(" 7 ")->etag_timeout_s == 7);
  for (const char* bad : {"", "x", "1.5", "-1", "99999999999"})
    CHECK_FALSE(etag(bad).has_value());
  CHECK(find_hub_settings(environment_of({{"HF_HUB_DOWNLOAD_TIMEOUT", "5"}}))->download_timeout_s ==
        5);

  const auto bundle = [](Variables variables) {
    return find_hub_settings(environment_of(variables))->ca_bundle;
  };
  CHECK(bundle({}).empty());
  CHECK(bundle({{"SSL_CERT_DIR", "/d"}}) == "/d");
  CHECK(bundle({{"SSL_CERT_FILE", "/c"}, {"SSL_CERT_DIR", "/d"}}) == "/c");
  CHECK(bundle({{"SSL_CERT_FILE", "/c"}, {"CURL_CA_BUNDLE", "/b"}, {"REQUESTS_CA_BUNDLE", ""}}) ==
        "/b");
  CHECK(bundle({{"CURL_CA_BUNDLE", "/b"}, {"REQUESTS_CA_BUNDLE", "/a"}}) == "/a");
}

TEST_CASE("the URLs of the Hub") {
  const Endpoint hub;
  const Endpoint mirror{"https://u:p@m/hf", "HF_ENDPOINT"};
  const RepoId model{RepoType::model, "acme/six"}, old{RepoType::model, "gpt2"};
  const RepoId dataset{RepoType::dataset, "acme/d"}, space{RepoType::space, "a/s"},
      kernel{RepoType::kernel, "a/k"};
  CHECK(hub.revision_url(model, "main") ==
        "https://huggingface.co/api/models/acme/six/revision/main");
  CHECK(hub.revision_url(old, "refs/pr/1") ==
        "https://huggingface.co/api/models/gpt2/revision/refs%2Fpr%2F1");
  CHECK(hub.revision_url({RepoType::model, "a/b c?"}, "v 1") ==
        "https://huggingface.co/api/models/a/b%20c%3F/revision/v%201");
  CHECK(hub.tree_url(dataset, "abc") ==
        "https://huggingface.co/api/datasets/acme/d/tree/abc?recursive=true&expand=false");
  CHECK(hub.resolve_url(model, "main", "a/b c.txt") ==
        "https://huggingface.co/acme/six/resolve/main/a/b%20c.txt");
  CHECK(hub.resolve_url(space, "refs/pr/1", "app.py") ==
        "https://huggingface.co/spaces/a/s/resolve/refs%2Fpr%2F1/app.py");
  CHECK(mirror.resolve_url(kernel, "v1", "x") == "https://u:p@m/hf/kernels/a/k/resolve/v1/x");
  CHECK(mirror.page_url(dataset) == "https://m/hf/datasets/acme/d");
  CHECK(hub.page_url(model) == "https://huggingface.co/acme/six");
}

TEST_CASE("what can be a token") {
  CHECK(Token::parse("hf_x", "HF_TOKEN")->authorization() == "Bearer hf_x");
  CHECK(Token::parse(" \thf_x\r\n", "HF_TOKEN")->authorization() == "Bearer hf_x");
  CHECK(Token::parse("", "HF_TOKEN")->empty());
  CHECK(Token::parse(" \n", "HF_TOKEN")->empty());
  const std::string secrets[] = {
      "hf_s\r\nX-Evil: 1", "hf_s x",      std::string("hf_s\0x", 6), "hf_s\x7f",
      "hf_s\xc3\xa9",      "hf_s\x1b[2J", std::string(9000, 's')};
  for (const auto& secret : secrets) {
    const auto token = Token::parse(secret, "HF_TOKEN");
    REQUIRE_FALSE(token.has_value());
    CHECK(token.error().subject == "HF_TOKEN");
    CHECK(token.error().cause.find("hf_s") == std::string::npos);
  }
}

TEST_CASE("where the token is") {
  std::string path = "/tmp/hfaudit-token-XXXXXX";
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(path) << "hf_file\n";
  Layout layout;
  layout.token.path = path;
  struct Row {
    Variables variables;
    const char* authorization;  // nullptr: none
  };
  const Row rows[] = {
      {{}, "Bearer hf_file"},
      {{{"HF_TOKEN", "hf_a"}, {"HUGGING_FACE_HUB_TOKEN", "hf_b"}}, "Bearer hf_a"},
      {{{"HF_TOKEN", ""}, {"HUGGING_FACE_HUB_TOKEN", "hf_b"}}, "Bearer hf_b"},
      {{{"HF_TOKEN", " "}, {"HUGGING_FACE_HUB_TOKEN", "hf_b"}}, "Bearer hf_file"},
      {{{"HF_TOKEN", "hf_a"}, {"HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"}}, nullptr},
      {{{"HF_TOKEN", "hf_a"}, {"HF_HUB_DISABLE_IMPLICIT_TOKEN", "0"}}, "Bearer hf_a"},
  };
  for (const auto& row : rows) {
    const auto token = find_token(environment_of(row.variables), layout);
    REQUIRE(token.has_value());
    CHECK(token->empty() == (row.authorization == nullptr));
    if (row.authorization != nullptr) CHECK(token->authorization() == row.authorization);
  }
  CHECK(find_token(environment_of({}), layout)->because() == path);
  std::remove(path.c_str());
  CHECK(find_token(environment_of({}), layout)->empty());
  layout.token.path = "/nowhere/at/all";
  CHECK(find_token(environment_of({}), layout)->empty());
  layout.token.path = "/dev/null";  // as some mount it, to have none
  CHECK_FALSE(find_token(environment_of({}), layout).has_value());
}
