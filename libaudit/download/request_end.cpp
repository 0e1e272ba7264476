#include "download/request_end.hpp"

#include <cmath>

namespace hfaudit {
namespace {

using Step = RequestOutcome::Step;

[[nodiscard]] RequestOutcome failed_attempt(std::string cause, HubErrorKind hub) {
  RequestOutcome outcome;
  outcome.step = Step::count_failure;
  outcome.cause = std::move(cause);
  outcome.hub = hub;
  return outcome;
}

[[nodiscard]] std::string cause_of(const EndedRequest& request, const char* otherwise) {
  if (!request.failure) return otherwise;
  return request.failure->error.subject + ": " + request.failure->error.cause;
}

// After some bytes the rest is requested at once.
[[nodiscard]] RequestOutcome after_body(const EndedRequest& request) {
  if (request.gained != 0) return {};
  auto outcome = failed_attempt(cause_of(request, "the server ended the transfer too early"),
                                HubErrorKind::unreachable);
  outcome.forget_content = true;
  return outcome;
}

// A short wait happens here; during a long one other repos are downloaded.
[[nodiscard]] RequestOutcome after_wait(const EndedRequest& request) {
  constexpr double most_here_s = 60;
  constexpr int too_many = 429;
  const auto& retry_after_s = request.verdict->retry_after_s;
  const auto status = request.refusal.status;
  auto outcome =
      failed_attempt((request.host.empty() ? std::string("the server") : request.host) +
                         " returned " + std::to_string(status),
                     status == too_many ? HubErrorKind::rate_limited : HubErrorKind::server_error);
  outcome.retry_after_s = retry_after_s;
  if (retry_after_s && *retry_after_s > most_here_s) {
    outcome.step = Step::stop;
    outcome.cause += " and asks to wait " + std::to_string(std::lround(*retry_after_s)) + " s";
  } else if (retry_after_s && request.of_hub) {
    outcome.hub_quiet_s = retry_after_s;
  }
  return outcome;
}

// Only a refusal that carries the Hub's own headers counts as one: of this file, or of all files.
[[nodiscard]] RequestOutcome after_refusal(const EndedRequest& request, const TransferHub& hub) {
  const Question question{"download", hub.repo, hub.commit, request.with_token};
  const auto error = classify(request.refusal, question, hub.settings.endpoint);
  auto outcome = failed_attempt(hub.token.cut_from(error.error.cause), error.kind);
  if (error.kind == HubErrorKind::bad_token && request.with_token) {
    outcome.step = Step::request_again;
    outcome.drop_token = true;
  } else if (refusal_of(error.kind) != Refusal::none) {
    const bool of_file =
        error.kind == HubErrorKind::entry_not_found || error.kind == HubErrorKind::forbidden;
    outcome.step = of_file ? Step::give_up : Step::stop;
    outcome.end = TransferEnd::refused;
  }
  return outcome;
}

// The next request goes to another address than the wrong one.
[[nodiscard]] RequestOutcome after_wrong(const EndedRequest& request) {
  auto cause = request.verdict->cause;
  const bool unnamed = !request.host.empty() && cause.find(request.host) == std::string::npos;
  if (!request.of_hub && unnamed) cause += " (" + request.host + ")";
  auto outcome = failed_attempt(std::move(cause), HubErrorKind::bad_answer);
  outcome.forget_content = true;
  // Three times, each from an address that the Hub has just given: then the server really holds
  // that content.
  constexpr unsigned enough = 2;
  if (request.verdict->lasting && request.failures >= enough) {
    outcome.step = Step::give_up;
    outcome.end = TransferEnd::refused;
  }
  outcome.forget_validator = request.file_is_failing;
  return outcome;
}

}  // namespace

TransferResult RequestOutcome::verdict() const {
  TransferResult result;
  result.end = end;
  result.cause = cause;
  result.hub = hub;
  if (step == Step::stop) result.retry_after_s = retry_after_s;
  return result;
}

RequestOutcome judge_request_end(const EndedRequest& request, const TransferHub& hub) {
  const auto kind = request.verdict ? request.verdict->kind : AnswerKind::waits;
  if (request.another_runs && kind != AnswerKind::refused) {
    RequestOutcome outcome;
    outcome.forget_content = kind == AnswerKind::expired || kind == AnswerKind::wrong;
    return outcome;
  }
  if (!request.verdict)
    return failed_attempt(cause_of(request, "no answer"), HubErrorKind::unreachable);
  switch (kind) {
    case AnswerKind::range:
    case AnswerKind::whole:
      return after_body(request);
    case AnswerKind::refused:
      return after_refusal(request, hub);
    case AnswerKind::waits:
      return after_wait(request);
    case AnswerKind::redirect:
      return failed_attempt("it redirects in a circle, or to a URL that is not http or https",
                            HubErrorKind::bad_answer);
    case AnswerKind::expired:
    case AnswerKind::wrong:
      return after_wrong(request);
  }
  return {};
}

}  // namespace hfaudit
