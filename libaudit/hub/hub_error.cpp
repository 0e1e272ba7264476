#include "hub/hub_error.hpp"

#include <cmath>

#include "http/foreign_text.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view log_in = "log in with `hf auth login` or set HF_TOKEN";

[[nodiscard]] bool is(const http::Headers& headers, std::string_view name, std::string_view value) {
  return headers.get(name) == value;
}

// Proxies, portals and half a mirror answer 401, 403 and 404 too. Only a Hub's own refusal counts.
[[nodiscard]] bool is_of_a_hub(const http::Headers& headers) {
  return headers.get("X-Error-Code") || headers.get("X-Error-Message") ||
         headers.get("X-Request-Id");
}

// The server's own words, short and without anything that could pose as ours.
[[nodiscard]] std::string quoted_message(const http::Headers& headers) {
  constexpr std::size_t most = 200;
  const auto message = headers.get("X-Error-Message").value_or("");
  return message.empty() ? "" : " (\"" + without_user_info(message.substr(0, most)) + "\")";
}

[[nodiscard]] HubError gated(const Question& question, const Endpoint& endpoint) {
  const auto page = endpoint.page_url(question.repo);
  return hub_error(
      HubErrorKind::gated, question,
      question.with_token
          ? "gated repo, and the token has no access. Accept the terms at " + page
          : "gated repo. Accept the terms at " + page + ", then " + std::string(log_in));
}

[[nodiscard]] HubError repo_not_found(const Question& question) {
  return hub_error(
      HubErrorKind::repo_not_found, question,
      question.with_token
          ? std::string("not found, or this token has no access: check the name and the type")
          : "not found, or private: check the name and the type, or " + std::string(log_in));
}

[[nodiscard]] HubError not_of_a_hub(int status, const Question& question,
                                    const Endpoint& endpoint) {
  return hub_error(HubErrorKind::bad_answer, question,
                   "the answer (status " + std::to_string(status) +
                       ") is not from a Hub: check the proxy and " + endpoint_text(endpoint));
}

[[nodiscard]] HubError not_found(const http::Response& answer, const Question& question,
                                 const Endpoint& endpoint) {
  if (is(answer.headers, "X-Error-Code", "RepoNotFound")) return repo_not_found(question);
  if (is(answer.headers, "X-Error-Code", "RevisionNotFound"))
    return hub_error(HubErrorKind::revision_not_found, question,
                     "the repo has no such branch, tag or commit: its history is at " +
                         endpoint.page_url(question.repo) + "/commits/main");
  if (is(answer.headers, "X-Error-Code", "EntryNotFound"))
    return hub_error(HubErrorKind::entry_not_found, question,
                     "this revision has no such file: check its path");
  return not_of_a_hub(answer.status, question, endpoint);
}

[[nodiscard]] HubError denied(const http::Response& answer, const Question& question,
                              const Endpoint& endpoint) {
  const auto& headers = answer.headers;
  if (is(headers, "X-Error-Code", "GatedRepo")) return gated(question, endpoint);
  if (is(headers, "X-Error-Code", "RepoNotFound")) return repo_not_found(question);
  if (is(headers, "X-Error-Message", "Access to this resource is disabled."))
    return hub_error(HubErrorKind::disabled, question,
                     "the Hub has disabled it; see " + endpoint.page_url(question.repo));
  if (!is_of_a_hub(headers)) return not_of_a_hub(answer.status, question, endpoint);
  if (answer.status == 403)
    return hub_error(HubErrorKind::forbidden, question,
                     "the Hub refuses access" + quoted_message(headers) +
                         ": check the permissions of the token");
  if (question.with_token)
    return hub_error(
        HubErrorKind::bad_token, question,
        "the Hub does not accept the token, which may have expired: " + std::string(log_in));
  return repo_not_found(question);  // the Hub's 401 without a code: missing or private
}

[[nodiscard]] HubError rate_limited(const Question& question, std::optional<double> retry_after_s) {
  const auto when =
      retry_after_s ? "in " + std::to_string(static_cast<long>(std::ceil(*retry_after_s))) + " s"
                    : "in five minutes";
  const auto more =
      question.with_token ? "" : ", or " + std::string(log_in) + ", which raises the limit";
  return hub_error(HubErrorKind::rate_limited, question,
                   "Hub returned 429, too many requests; try again " + when + more);
}

}  // namespace

std::string_view to_string(HubErrorKind kind) {
  switch (kind) {
    case HubErrorKind::gated:
      return "gated";
    case HubErrorKind::repo_not_found:
      return "repo-not-found";
    case HubErrorKind::revision_not_found:
      return "revision-not-found";
    case HubErrorKind::entry_not_found:
      return "entry-not-found";
    case HubErrorKind::bad_token:
      return "bad-token";
    case HubErrorKind::forbidden:
      return "forbidden";
    case HubErrorKind::disabled:
      return "disabled";
    case HubErrorKind::rate_limited:
      return "rate-limited";
    case HubErrorKind::server_error:
      return "server-trouble";
    case HubErrorKind::unreachable:
      return "unreachable";
    case HubErrorKind::bad_answer:
      return "bad-answer";
    case HubErrorKind::offline:
      return "offline";
    case HubErrorKind::interrupted:
      return "interrupted";
  }
  return "";
}

Refusal refusal_of(HubErrorKind kind) {
  switch (kind) {
    case HubErrorKind::gated:
      return Refusal::gated;
    case HubErrorKind::repo_not_found:
    case HubErrorKind::revision_not_found:
    case HubErrorKind::entry_not_found:
      return Refusal::not_found;
    case HubErrorKind::bad_token:
    case HubErrorKind::forbidden:
      return Refusal::no_valid_token;
    case HubErrorKind::disabled:
      return Refusal::disabled;
    default:
      return Refusal::none;
  }
}

std::string endpoint_text(const Endpoint& endpoint) {
  const auto url = endpoint.page_url({RepoType::model, ""});
  const auto host = url.substr(0, url.find_last_not_of('/') + 1);
  return endpoint.because == "default" ? host : endpoint.because + " (" + host + ")";
}

std::string shown(const Question& question) {
  return question.repo.name() + (question.revision.empty() ? "" : "@" + question.revision);
}

HubError hub_error(HubErrorKind kind, const Question& question, std::string_view cause, int code) {
  return {kind, Error{question.operation, shown(question), std::string(cause), code}, std::nullopt};
}

HubError classify(const http::Response& answer, const Question& question, const Endpoint& endpoint,
                  std::optional<double> retry_after_s) {
  const auto status = std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403) return denied(answer, question, endpoint);
  if (answer.status == 404) return not_found(answer, question, endpoint);
  if (answer.status == 407)
    return hub_error(
        HubErrorKind::unreachable, question,
        "the proxy needs a password: set it in https_proxy (http://user:password@host:port)");
  if (answer.status == 429) return rate_limited(question, retry_after_s);
  if (answer.status >= 500 || answer.status == 408)
    return hub_error(
        HubErrorKind::server_error, question,
        "Hub returned " + status + "; try again later (https://status.huggingface.co)");
  return hub_error(
      HubErrorKind::bad_answer, question,
      "Hub returned " + status + quoted_message(answer.headers) + ", which is not expected");
}

HubError classify(const http::Failure& failure, const Question& question,
                  const Endpoint& endpoint) {
  const auto& cause = failure.error.cause;
  const auto code = failure.error.code;
  switch (failure.kind) {
    case http::ErrorKind::interrupted:
      return hub_error(HubErrorKind::interrupted, question, cause, code);
    case http::ErrorKind::too_large:
    case http::ErrorKind::bad_request:
      return hub_error(HubErrorKind::bad_answer, question,
                       cause + ": check " + endpoint_text(endpoint), code);
    case http::ErrorKind::no_library:
      return hub_error(HubErrorKind::unreachable, question, failure.error.subject + ": " + cause,
                       code);
    case http::ErrorKind::tls:
      return hub_error(
          HubErrorKind::unreachable, question,
          failure.error.subject + ": " + cause +
              "; a proxy's own certificate goes into REQUESTS_CA_BUNDLE or SSL_CERT_FILE",
          code);
    default:
      return hub_error(HubErrorKind::unreachable, question,
                       failure.error.subject + ": " + cause +
                           "; check the network, the proxy and " + endpoint_text(endpoint),
                       code);
  }
}

}  // namespace hfaudit
