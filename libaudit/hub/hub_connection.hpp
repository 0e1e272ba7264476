// One request to a Hub, with its token, its retries and its redirects.
//
// Temporary errors are waited out (retry.hpp). A token that the Hub refuses is left out from then
// on, for most repos are public. A redirect takes the token along on the same host only.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "http/retry.hpp"
#include "http/session.hpp"
#include "http/url.hpp"
#include "hub/endpoint.hpp"
#include "hub/hub_error.hpp"
#include "hub/token.hpp"

namespace hfaudit {

struct HubOptions {
  RetryLimits retry;
  bool ipv4_only = false;
};

struct Answer {
  http::Response response;
  Url url;  // where it came from, after all redirects
};

// For any number of threads.
class HubConnection {
 public:
  HubConnection(HubSettings settings, Token token, HubOptions options, const std::stop_token& stop);

  // The answer, if it is a success. `question` names the request in an error. `range`: the value of
  // a Range header; empty: all of it.
  [[nodiscard]] HubResult<Answer> get(const std::string& url, Question question,
                                      std::size_t most_bytes, std::string_view range = {});

  [[nodiscard]] const Endpoint& endpoint() const { return settings_.endpoint; }
  [[nodiscard]] bool token_refused() const { return token_refused_; }

 private:
  struct Attempt;
  [[nodiscard]] HubResult<Answer> get_with_retries(const http::Request& request,
                                                   const Question& question);
  [[nodiscard]] Attempt attempt(http::Request request, Question question);
  [[nodiscard]] http::Expected<http::Response> perform(const http::Request& request);
  [[nodiscard]] bool pause(double seconds) const;
  [[nodiscard]] bool is_interrupted() const;
  [[nodiscard]] HubError without_token(const HubError& error, const Question& question) const;

  HubSettings settings_;
  Token token_;
  HubOptions options_;
  std::stop_token stop_;
  std::atomic<bool> token_refused_{false};
  std::mutex mutex_;
  // one is taken for each request, and brought back
  std::vector<std::unique_ptr<http::Session>> idle_;
};

}  // namespace hfaudit
