// Why the Hub gave no answer that we can use, in a way that a caller can act on, and in a sentence
// that a user can.
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
  forbidden,  // a token that may not do this
  disabled,   // by the Hub's staff
  rate_limited,
  server_error,  // 5xx, and errors that persist after all attempts
  unreachable,   // no answer at all
  bad_answer,    // an answer, but not one of a Hub, or not one that we trust
  offline,       // we were told not to ask
  interrupted
};
[[nodiscard]] std::string_view to_string(HubErrorKind kind);  // "gated", "repo-not-found"

// A refusal by the Hub itself (exit code 4). Everything else is a transport error (exit code 3): a
// Hub that could not be asked never makes a repo "not found".
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

// "HF_ENDPOINT (https://mirror.example)": where to look when something else than a Hub answers.
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

// An answer whose status is no success. `retry_after_s`: how long it asks to wait, where it does.
[[nodiscard]] HubError classify(const http::Response& answer, const Question& question,
                                const Endpoint& endpoint,
                                std::optional<double> retry_after_s = std::nullopt);
// No answer.
[[nodiscard]] HubError classify(const http::Failure& failure, const Question& question,
                                const Endpoint& endpoint);

}  // namespace hfaudit
