// What follows from a request that ended before its range was complete.
#include "catch_any.hpp"
#include "download/request_end.hpp"

using namespace hfaudit;
using Step = RequestOutcome::Step;

namespace {

EndedRequest hub_end(std::optional<AnswerKind> kind) {
  EndedRequest request;
  if (!kind) return request;
  request.verdict.emplace();
  request.verdict->kind = *kind;
  request.verdict->cause = "cause";
  return request;
}

EndedRequest with_status(AnswerKind kind, int status,
                         std::optional<double> retry_after_s = std::nullopt) {
  auto request = hub_end(kind);
  request.refusal.status = status;
  request.verdict->retry_after_s = retry_after_s;
  return request;
}

EndedRequest refusal_with(int status, const std::string& code) {
  auto request = with_status(AnswerKind::refused, status);
  request.refusal.headers.list.push_back({"X-Error-Code", code});
  return request;
}

template <class Change>
EndedRequest changed_request(EndedRequest request, Change change) {
  change(request);
  return request;
}

struct HubCase {
  std::string what;
  EndedRequest request;
  Step step;
  HubErrorKind hub = HubErrorKind::unreachable;
  std::string cause = {};  // a part of it
  bool forget_content = false;
};

void check_hub_cases(const std::vector<HubCase>& rows) {
  TransferHub hub;
  hub.repo.id = "acme/six";
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto outcome = judge_request_end(row.request, hub);
    CAPTURE(outcome.cause);
    CHECK((outcome.step == row.step));
    if (outcome.step != Step::request_again) CHECK((outcome.hub == row.hub));
    CHECK(outcome.cause.find(row.cause) != std::string::npos);
    CHECK(outcome.forget_content == row.forget_content);
  }
}

}  // namespace

TEST_CASE("request end: what is missing is requested at once, later, or not at all") {
  using enum AnswerKind;
  check_hub_cases({
      {"no answer", hub_end(std::nullopt), Step::count_failure, HubErrorKind::unreachable,
       "no answer"},
      {"a body with bytes", changed_request(hub_end(range), [](auto& r) { r.gained = 1; }),
       Step::request_again},
      {"a body without any", hub_end(range), Step::count_failure, HubErrorKind::unreachable,
       "too early", true},
      {"likewise from zero", hub_end(whole), Step::count_failure, HubErrorKind::unreachable,
       "too early", true},
      {"a redirect that was not followed", hub_end(redirect), Step::count_failure,
       HubErrorKind::bad_answer, "circle"},
      {"a URL that is too old", hub_end(expired), Step::count_failure, HubErrorKind::bad_answer,
       "cause", true},
      {"another file", hub_end(wrong), Step::count_failure, HubErrorKind::bad_answer, "cause",
       true},
      {"429", with_status(waits, 429), Step::count_failure, HubErrorKind::rate_limited,
       "returned 429"},
      {"503", with_status(waits, 503), Step::count_failure, HubErrorKind::server_error,
       "returned 503"},
      {"a minute", with_status(waits, 429, 60), Step::count_failure, HubErrorKind::rate_limited,
       "returned 429"},
      {"more", with_status(waits, 429, 61), Step::stop, HubErrorKind::rate_limited,
       "asks to wait 61 s"},
      {"no such file", refusal_with(404, "EntryNotFound"), Step::give_up,
       HubErrorKind::entry_not_found},
      {"no such repo", refusal_with(404, "RepoNotFound"), Step::stop, HubErrorKind::repo_not_found},
      {"gated", refusal_with(403, "GatedRepo"), Step::stop, HubErrorKind::gated},
      {"404 of a proxy", with_status(AnswerKind::refused, 404), Step::count_failure,
       HubErrorKind::bad_answer},
  });
}

TEST_CASE("request end: while another request runs for the range, only a refusal counts") {
  using enum AnswerKind;
  const auto beside = [](EndedRequest request) {
    request.another_runs = true;
    return request;
  };
  check_hub_cases({
      {"no answer", beside(hub_end(std::nullopt)), Step::request_again},
      {"no bytes", beside(hub_end(range)), Step::request_again},
      {"503", beside(with_status(waits, 503, 100)), Step::request_again},
      {"redirect", beside(hub_end(redirect)), Step::request_again},
      {"expired", beside(hub_end(expired)), Step::request_again, HubErrorKind::unreachable, "",
       true},
      {"wrong", beside(hub_end(wrong)), Step::request_again, HubErrorKind::unreachable, "", true},
      {"no such file", beside(refusal_with(404, "EntryNotFound")), Step::give_up,
       HubErrorKind::entry_not_found},
  });
}

TEST_CASE("request end: a wait that the Hub asks for holds for all files, that of a CDN for one") {
  const TransferHub hub;
  auto request = with_status(AnswerKind::waits, 429, 7);
  CHECK(judge_request_end(request, hub).hub_quiet_s == 7.0);
  CHECK(judge_request_end(request, hub).retry_after_s == 7.0);
  request.of_hub = false;
  CHECK_FALSE(judge_request_end(request, hub).hub_quiet_s);
  CHECK(judge_request_end(request, hub).retry_after_s == 7.0);
  CHECK_FALSE(judge_request_end(request, hub).verdict().retry_after_s);
  request = with_status(AnswerKind::waits, 429, 3600);
  CHECK(judge_request_end(request, hub).verdict().retry_after_s == 3600.0);
}

TEST_CASE("request end: a refused token is dropped once, and the file requested without it") {
  const TransferHub hub;
  auto request = with_status(AnswerKind::refused, 401);
  request.with_token = true;
  request.refusal.headers.list.push_back(
      {"X-Error-Message", "Invalid credentials in Authorization header"});
  const auto outcome = judge_request_end(request, hub);
  CHECK((outcome.step == Step::request_again && outcome.drop_token));
  request.with_token = false;
  CHECK_FALSE(judge_request_end(request, hub).drop_token);
}

TEST_CASE(
    "request end: a wrong answer after another failure also drops what earlier answers said") {
  const TransferHub hub;
  auto request = hub_end(AnswerKind::wrong);
  CHECK_FALSE(judge_request_end(request, hub).forget_validator);
  request.file_is_failing = true;
  CHECK(judge_request_end(request, hub).forget_validator);
}

TEST_CASE("request end: a size that does not change is given up, and any other answer is not") {
  const TransferHub hub;
  auto request = hub_end(AnswerKind::wrong);
  request.of_hub = false;
  request.host = "cdn.example:8080";
  request.failures = 2;
  request.file_is_failing = true;
  CHECK(judge_request_end(request, hub).step == Step::count_failure);
  request.verdict->lasting = true;
  const auto outcome = judge_request_end(request, hub);
  CHECK((outcome.step == Step::give_up && outcome.end == TransferEnd::refused));
  CHECK(outcome.cause.find("cdn.example:8080") != std::string::npos);
  request.failures = 1;
  CHECK(judge_request_end(request, hub).step == Step::count_failure);
}
