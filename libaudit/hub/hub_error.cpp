#include "hub/hub_error.hpp"

#include <cmath>

namespace hfaudit {
namespace {

constexpr std::string_view log_in = "log in with `hf auth login` or set HF_TOKEN";

[[nodiscard]] bool is(const http::Headers& headers, std::string_view name, std::string_view value) {
  return headers.get(name) == value;
}

// Proxies, portals and half a mirror answer 401, 403 and 404 too. Only a Hub's own no is one.
[[nodiscard]] bool is_of_a_hub(const http::Headers& headers) {
  return headers.get("X-Error-Code") || headers.get("X-Error-Message") || headers.get("X-Request-Id");
}

// The server's own words, short and without anything that could pose as ours.
[[nodiscard]] std::string quoted_message(const http::Headers& headers) {
  constexpr std::size_t most = 200;
  const auto message = headers.get("X-Error-Message").value_or("");
  return message.empty() ? "" : " (\"" + std::string(message.substr(0, most)) + "\")";
}

[[nodiscard]] HubError gated(const Question& question, const Endpoint& endpoint) {
  const auto page = endpoint.page_url(question.repo);
  return hub_error(HubTrouble::gated, question,
                   question.with_token
                       ? "it is gated, and this token's user has no access: accept its terms at " + page
                       : "it is gated: accept its terms at " + page + ", then " + std::string(log_in));
}

[[nodiscard]] HubError repo_not_found(const Question& question) {
  return hub_error(
      HubTrouble::repo_not_found, question,
      question.with_token
          ? std::string("there is no such repo that this token may see: check its name and type")
          : "there is no such repo, or it is private: check its name and type, or " + std::string(log_in));
}

[[nodiscard]] HubError not_of_a_hub(int status, const Question& question, const Endpoint& endpoint) {
  return hub_error(
      HubTrouble::bad_answer, question,
      "what answers (with " + std::to_string(status) + ") is not the Hub: check the proxy and " + whom(endpoint));
}

[[nodiscard]] HubError not_found(const http::Response& answer, const Question& question, const Endpoint& endpoint) {
  if (is(answer.headers, "X-Error-Code", "RepoNotFound")) return repo_not_found(question);
  if (is(answer.headers, "X-Error-Code", "RevisionNotFound"))
    return hub_error(HubTrouble::revision_not_found, question,
                     "the repo has no such branch, tag or commit: its history is at " +
                         endpoint.page_url(question.repo) + "/commits/main");
  if (is(answer.headers, "X-Error-Code", "EntryNotFound"))
    return hub_error(HubTrouble::entry_not_found, question, "this revision has no such file: check its path");
  return not_of_a_hub(answer.status, question, endpoint);
}

[[nodiscard]] HubError denied(const http::Response& answer, const Question& question, const Endpoint& endpoint) {
  const auto& headers = answer.headers;
  if (is(headers, "X-Error-Code", "GatedRepo")) return gated(question, endpoint);
  if (is(headers, "X-Error-Code", "RepoNotFound")) return repo_not_found(question);
  if (is(headers, "X-Error-Message", "Access to this resource is disabled."))
    return hub_error(HubTrouble::disabled, question,
                     "the Hub has disabled it: its page may say why, " + endpoint.page_url(question.repo));
  if (!is_of_a_hub(headers)) return not_of_a_hub(answer.status, question, endpoint);
  if (answer.status == 403)
    return hub_error(HubTrouble::forbidden, question,
                     "the Hub forbids it" + quoted_message(headers) + ": check what the token is allowed to read");
  if (question.with_token)
    return hub_error(HubTrouble::bad_token, question,
                     "the Hub does not accept the token, which may have expired: " + std::string(log_in));
  return repo_not_found(question);  // the Hub's 401 without a code: missing or private
}

[[nodiscard]] HubError rate_limited(const Question& question, std::optional<double> asked_s) {
  const auto when =
      asked_s ? "in " + std::to_string(static_cast<long>(std::ceil(*asked_s))) + " s" : "in five minutes";
  const auto more = question.with_token ? "" : ", or " + std::string(log_in) + ", which raises the limit";
  return hub_error(HubTrouble::rate_limited, question,
                   "the Hub answers 429, too many requests: try again " + when + more);
}

}  // namespace

std::string_view to_string(HubTrouble trouble) {
  switch (trouble) {
    case HubTrouble::gated:
      return "gated";
    case HubTrouble::repo_not_found:
      return "repo-not-found";
    case HubTrouble::revision_not_found:
      return "revision-not-found";
    case HubTrouble::entry_not_found:
      return "entry-not-found";
    case HubTrouble::bad_token:
      return "bad-token";
    case HubTrouble::forbidden:
      return "forbidden";
    case HubTrouble::disabled:
      return "disabled";
    case HubTrouble::rate_limited:
      return "rate-limited";
    case HubTrouble::server_trouble:
      return "server-trouble";
    case HubTrouble::unreachable:
      return "unreachable";
    case HubTrouble::bad_answer:
      return "bad-answer";
    case HubTrouble::offline:
      return "offline";
    case HubTrouble::interrupted:
      return "interrupted";
  }
  return "";
}

Refusal refusal_of(HubTrouble trouble) {
  switch (trouble) {
    case HubTrouble::gated:
      return Refusal::gated;
    case HubTrouble::repo_not_found:
    case HubTrouble::revision_not_found:
    case HubTrouble::entry_not_found:
      return Refusal::not_found;
    case HubTrouble::bad_token:
    case HubTrouble::forbidden:
      return Refusal::no_valid_token;
    case HubTrouble::disabled:
      return Refusal::disabled;
    default:
      return Refusal::none;
  }
}

std::string whom(const Endpoint& endpoint) {
  const auto url = endpoint.page_url({RepoType::model, ""});
  const auto host = url.substr(0, url.find_last_not_of('/') + 1);
  return endpoint.because == "default" ? host : endpoint.because + " (" + host + ")";
}

std::string shown(const Question& question) {
  return question.repo.name() + (question.revision.empty() ? "" : "@" + question.revision);
}

HubError hub_error(HubTrouble trouble, const Question& question, std::string_view cause, int code) {
  return {trouble, Error{question.operation, shown(question), std::string(cause), code}, std::nullopt};
}

HubError classify(const http::Response& answer, const Question& question, const Endpoint& endpoint,
                  std::optional<double> asked_s) {
  const auto status = std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403) return denied(answer, question, endpoint);
  if (answer.status == 404) return not_found(answer, question, endpoint);
  if (answer.status == 407)
    return hub_error(HubTrouble::unreachable, question,
                     "the proxy asks for a password: put it into https_proxy (http://user:password@host:port)");
  if (answer.status == 429) return rate_limited(question, asked_s);
  if (answer.status >= 500 || answer.status == 408)
    return hub_error(
        HubTrouble::server_trouble, question,
        "the Hub has trouble (it answers " + status + "): try again later; https://status.huggingface.co");
  return hub_error(HubTrouble::bad_answer, question,
                   "the Hub answers " + status + quoted_message(answer.headers) + ", which nothing here can use");
}

HubError classify(const http::Failure& failure, const Question& question, const Endpoint& endpoint) {
  const auto& cause = failure.error.cause;
  const auto code = failure.error.code;
  switch (failure.trouble) {
    case http::Trouble::interrupted:
      return hub_error(HubTrouble::interrupted, question, cause, code);
    case http::Trouble::too_large:
    case http::Trouble::bad_request:
      return hub_error(HubTrouble::bad_answer, question, cause + ": check " + whom(endpoint), code);
    case http::Trouble::no_library:
      return hub_error(HubTrouble::unreachable, question, failure.error.subject + ": " + cause, code);
    case http::Trouble::tls:
      return hub_error(HubTrouble::unreachable, question,
                       failure.error.subject + ": " + cause +
                           "; a proxy's own certificate goes into REQUESTS_CA_BUNDLE or SSL_CERT_FILE",
                       code);
    default:
      return hub_error(
          HubTrouble::unreachable, question,
          failure.error.subject + ": " + cause + "; check the network, the proxy and " + whom(endpoint), code);
  }
}

}  // namespace hfaudit
