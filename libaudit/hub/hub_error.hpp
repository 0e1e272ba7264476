// Why the answer of the Hub is missing or unusable: a kind for the caller, and a sentence for the
// user.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/identity.hpp"
#include "http/messages.hpp"
#include "hub/endpoint.hpp"

namespace hfaudit {

enum class HubErrorKind {
  gated,
  repo_not_found,
  revision_not_found,
  entry_not_found,
  bad_token,
  forbidden,  // a token that lacks the right
  disabled,   // by the Hub's staff
  rate_limited,
  server_error,  // 5xx, and errors that persist after all attempts
  unreachable,   // without any answer
  bad_answer,    // an answer, but from another server than a Hub, or an untrusted one
  offline,       // the user forbade requests
  interrupted
};
[[nodiscard]] std::string_view to_string(HubErrorKind kind);  // "gated", "repo-not-found"

// A refusal by the Hub itself (exit code 4). Everything else is a transport error (exit code 3): an
// unreachable Hub leaves the existence of a repo open.
enum class Refusal { none, not_found, gated, no_valid_token, disabled };
[[nodiscard]] Refusal refusal_of(HubErrorKind kind);

struct HubError {
  HubErrorKind kind = HubErrorKind::unreachable;
  Error error;  // its cause names the error and the remedy
  // how long it asks to wait before the next attempt
  std::optional<double> retry_after_s = std::nullopt;
};

template <class T>
using HubResult = tl::expected<T, HubError>;

// "HF_ENDPOINT (https://mirror.example)": the setting to check when something else than a Hub
// answers.
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

// The request, as worded in the message.
struct Question {
  std::string operation;  // "resolve", "list"
  RepoId repo;
  std::string revision;  // a commit too; may be empty
  bool with_token = false;
};

// `acme/six@main`, `datasets/acme/six`.
[[nodiscard]] std::string shown(const Question& question);

[[nodiscard]] HubError hub_error(HubErrorKind kind, const Question& question,
                                 std::string_view cause, int code = 0);

// An answer with a status of failure. `retry_after_s`: how long it asks to wait, where it does.
[[nodiscard]] HubError classify(const http::Response& answer, const Question& question,
                                const Endpoint& endpoint,
                                std::optional<double> retry_after_s = std::nullopt);
// A missing answer.
[[nodiscard]] HubError classify(const http::Failure& failure, const Question& question,
                                const Endpoint& endpoint);

}  // namespace hfaudit
