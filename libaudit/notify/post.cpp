#include "notify/post.hpp"

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "http/retry.hpp"
#include "notify/notification.hpp"
#include "os/unix_time.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned timeout_s = 10;
constexpr std::size_t most_answered = std::size_t{256} * 1024;

std::string refusal(const http::Response& response) {
  constexpr int redirects = 300, errors = 400;
  if (response.status >= redirects && response.status < errors) {
    return "the server redirects (" + std::to_string(response.status) +
           "), which is not followed: use the target URL";
  }
  const auto code = report::matrix_error_in(response.body);
  return "the server returned " + std::to_string(response.status) +
         (code.empty() ? "" : " " + code);
}

struct Attempt {
  tl::expected<std::string, std::string> result;
  bool transient = false;
  std::optional<double> retry_after_s = std::nullopt;
};

Attempt try_once(http::Session& session, const http::Request& request) {
  auto answer = session.perform(request);
  if (!answer)
    return {tl::unexpected(answer.error().error.cause), http::is_transient(answer.error().kind)};
  constexpr int good = 200, beyond = 300;
  if (answer->status >= good && answer->status < beyond) return {std::move(answer->body)};
  return {tl::unexpected(refusal(*answer)), is_transient_status(answer->status),
          asked_wait(answer->headers, unix_time_s())};
}

}  // namespace

tl::expected<std::string, std::string> query_server(http::Session& session, http::Request request) {
  request.connect_timeout_s = request.idle_timeout_s = request.total_timeout_s = timeout_s;
  request.most_bytes = most_answered;
  constexpr RetryLimits limits{3, 1, 8, 60};
  std::minstd_rand rng(std::random_device{}());
  const auto began = Clock::now();
  for (unsigned number = 1;; ++number) {
    auto attempt = try_once(session, request);
    if (attempt.result || !attempt.transient) return std::move(attempt.result);
    const double elapsed = std::chrono::duration<double>(Clock::now() - began).count();
    const double random = std::uniform_real_distribution<double>(0, 1)(rng);
    const auto wait = wait_before_retry(limits, number, elapsed, attempt.retry_after_s, random);
    if (!wait) return std::move(attempt.result);
    std::this_thread::sleep_for(std::chrono::duration<double>(*wait));
  }
}

}  // namespace hfaudit
