#include "catch_any.hpp"

#include "hub/hub_error.hpp"

using namespace hfaudit;

namespace {

const Question anonymous{"resolve", {RepoType::model, "acme/six"}, "main", false};
const Question with_token{"resolve", {RepoType::model, "acme/six"}, "main", true};

http::Response answer(int status, const char* code = nullptr, const char* message = nullptr) {
  http::Response response{status, {{{"X-Request-Id", "Root=1"}}}, ""};
  if (code != nullptr) response.headers.list.push_back({"X-Error-Code", code});
  if (message != nullptr) response.headers.list.push_back({"x-error-message", message});
  return response;
}

}  // namespace

TEST_CASE("what a no of the Hub means, and what to do") {
  struct Row {
    http::Response response;
    const Question& question;
    HubErrorKind kind;
    Refusal refusal;
    const char* says;
  };
  const Row rows[] = {
      {answer(401, "GatedRepo"), anonymous, HubErrorKind::gated, Refusal::gated,
       "huggingface.co/acme/six, then log in"},
      {answer(403, "GatedRepo"), with_token, HubErrorKind::gated, Refusal::gated,
       "https://huggingface.co/acme/six"},
      {answer(401, "RepoNotFound"), anonymous, HubErrorKind::repo_not_found, Refusal::not_found,
       "private"},
      {answer(404, "RepoNotFound"), with_token, HubErrorKind::repo_not_found, Refusal::not_found,
       "this token has no access"},
      {answer(401), anonymous, HubErrorKind::repo_not_found, Refusal::not_found, "private"},
      {answer(404, "RevisionNotFound"), anonymous, HubErrorKind::revision_not_found,
       Refusal::not_found, "branch"},
      {answer(404, "EntryNotFound"), anonymous, HubErrorKind::entry_not_found, Refusal::not_found,
       "no such file"},
      {answer(401, nullptr, "Invalid credentials in Authorization header"), with_token,
       HubErrorKind::bad_token, Refusal::no_valid_token, "expired"},
      {answer(403, nullptr, "no right"), with_token, HubErrorKind::forbidden,
       Refusal::no_valid_token, "\"no right\""},
      {answer(403, nullptr, "Access to this resource is disabled."), anonymous,
       HubErrorKind::disabled, Refusal::disabled, "disabled"},
      {answer(404), anonymous, HubErrorKind::bad_answer, Refusal::none, "not from a Hub"},
      {{403, {}, ""}, anonymous, HubErrorKind::bad_answer, Refusal::none, "check the proxy"},
      {{401, {}, ""}, with_token, HubErrorKind::bad_answer, Refusal::none, "not from a Hub"},
      {{407, {}, ""}, anonymous, HubErrorKind::unreachable, Refusal::none, "https_proxy"},
      {answer(408), anonymous, HubErrorKind::server_error, Refusal::none, "408"},
      {answer(429), anonymous, HubErrorKind::rate_limited, Refusal::none,
       "five minutes, or log in"},
      {answer(503), anonymous, HubErrorKind::server_error, Refusal::none, "503"},
      {answer(418), anonymous, HubErrorKind::bad_answer, Refusal::none, "418"},
  };
  for (const auto& row : rows) {
    INFO(row.response.status << " " << row.says);
    const auto error = classify(row.response, row.question, Endpoint{});
    CHECK(to_string(error.kind) == to_string(row.kind));
    CHECK(refusal_of(error.kind) == row.refusal);
    CHECK(error.error.operation == "resolve");
    CHECK(error.error.subject == "acme/six@main");
    CHECK(error.error.cause.find(row.says) != std::string::npos);
  }
}

TEST_CASE("a Hub that gives no answer never refuses") {
  using http::ErrorKind;
  const Endpoint mirror{"https://u:secret@mirror/hf", "HF_ENDPOINT"};
  for (const auto kind : {ErrorKind::host_not_found, ErrorKind::no_connection, ErrorKind::timed_out,
                          ErrorKind::broken, ErrorKind::tls, ErrorKind::too_large,
                          ErrorKind::bad_request, ErrorKind::interrupted, ErrorKind::no_library}) {
    const auto error =
        classify(http::Failure{kind, {"ask", "https://mirror", "why", 7}}, anonymous, mirror);
    CHECK(refusal_of(error.kind) == Refusal::none);
    CHECK(error.error.cause.find("why") != std::string::npos);
    CHECK(error.error.cause.find("secret") == std::string::npos);
    CHECK(error.error.code == 7);
  }
}

TEST_CASE("how long a rate limit lasts is passed on") {
  CHECK(classify(answer(429), with_token, Endpoint{}, 54.2).error.cause ==
        "Hub returned 429, too many requests; try again in 55 s");
}

TEST_CASE("how a question's subject is shown") {
  CHECK(shown({"list", {RepoType::dataset, "a/d"}, ""}) == "datasets/a/d");
  CHECK(shown({"list", {RepoType::model, "gpt2"}, "refs/pr/1"}) == "gpt2@refs/pr/1");
}
