#include "hub/hub_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

#include "hfaudit/version.hpp"
#include "os/unix_time.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_redirects = 5;

[[nodiscard]] double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

// In [0, 1).
[[nodiscard]] double random_share() {
  thread_local std::minstd_rand source(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(source);
}

}  // namespace

// How one attempt ended.
struct HubConnection::Attempt {
  HubResult<Answer> result;
  bool transient = false;
  std::optional<double> retry_after_s = std::nullopt;
};

HubConnection::HubConnection(HubSettings settings, Token token, HubOptions options,
                             const std::stop_token& stop)
    : settings_(std::move(settings)), token_(std::move(token)), options_(options), stop_(stop) {}

HubResult<Answer> HubConnection::get(const std::string& url, Question question,
                                     std::size_t most_bytes, std::string_view range) {
  if (!settings_.offline.empty())
    return tl::unexpected<HubError>(hub_error(
        HubErrorKind::offline, question, settings_.offline + " is set: unset it to ask the Hub"));
  http::Request request;
  request.url = url;
  request.connect_timeout_s = request.idle_timeout_s = settings_.etag_timeout_s;
  request.most_bytes = most_bytes;
  if (!range.empty()) request.headers.push_back({"Range", std::string(range)});

  question.with_token = !token_.empty() && !token_refused_;
  auto answer = get_with_retries(request, question);
  if (!answer && question.with_token && answer.error().kind == HubErrorKind::bad_token) {
    token_refused_ = true;
    question.with_token = false;
    answer = get_with_retries(request, question);
  }
  if (!answer && token_refused_)
    return tl::unexpected<HubError>(without_token(answer.error(), question));
  return answer;
}

// A bad token hides private repos: it has to be replaced first.
HubError HubConnection::without_token(const HubError& error, const Question& question) const {
  if (error.kind != HubErrorKind::repo_not_found && error.kind != HubErrorKind::gated) return error;
  return hub_error(HubErrorKind::bad_token, question,
                   "the Hub does not accept the token of " + token_.because() +
                       ", and without one there is no access: log in again with `hf auth login` or "
                       "set HF_TOKEN");
}

HubResult<Answer> HubConnection::get_with_retries(const http::Request& request,
                                                  const Question& question) {
  const auto began = Clock::now();
  for (unsigned number = 1;; ++number) {
    http::Request bounded = request;
    if (options_.retry.total_s > 0) {
      const double left = std::max(options_.retry.total_s - seconds_since(began), 1.0);
      bounded.total_timeout_s = static_cast<unsigned>(std::ceil(left));
    }
    auto done = attempt(std::move(bounded), question);
    if (done.result || !done.transient) return std::move(done.result);
    const auto wait = wait_before_retry(options_.retry, number, seconds_since(began),
                                        done.retry_after_s, random_share());
    if (!wait) return std::move(done.result);
    if (!pause(*wait))
      return tl::unexpected<HubError>(
          hub_error(HubErrorKind::interrupted, question, "interrupted"));
  }
}

HubConnection::Attempt HubConnection::attempt(http::Request request, Question question) {
  const auto hub = parse_url(endpoint().url);
  auto at = parse_url(request.url);
  question.with_token = question.with_token && hub && at && is_trusted_with(*hub, *at);
  const auto own_headers = std::move(request.headers);
  for (int redirects = 0; at && redirects <= most_redirects; ++redirects) {
    request.url = at->text();
    request.headers = own_headers;
    if (question.with_token) request.headers.push_back({"Authorization", token_.authorization()});
    auto response = perform(request);
    if (!response) {
      const bool transient = http::is_transient(response.error().kind);
      return {tl::unexpected(classify(response.error(), question, endpoint())), transient};
    }
    if (response->status >= 200 && response->status < 300)
      return {Answer{*std::move(response), *at}};
    if (!is_redirect_status(response->status)) {
      const bool elsewhere = !hub || !is_trusted_with(*hub, *at);
      if (elsewhere) response->headers.list.clear();  // only the Hub's own refusals count
      const auto retry_after_s = asked_wait(response->headers, unix_time_s());
      auto error = classify(*response, question, endpoint(), retry_after_s);
      error.retry_after_s = retry_after_s;
      error.error.cause = token_.cut_from(std::move(error.error.cause));
      if (elsewhere) error.error.cause = at->host + ": " + error.error.cause;
      return {tl::unexpected(std::move(error)), is_transient_status(response->status),
              retry_after_s};
    }
    const auto next = resolve_location(*at, response->headers.get("Location").value_or(""));
    question.with_token = question.with_token && next && is_trusted_with(*at, *next);
    at = next;
  }
  return {tl::unexpected(
      hub_error(HubErrorKind::bad_answer, question,
                std::string(at ? "it redirects in a circle" : "it redirects to no URL") +
                    ": check the proxy and " + endpoint_text(endpoint())))};
}

http::Expected<http::Response> HubConnection::perform(const http::Request& request) {
  std::unique_ptr<http::Session> session;
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!session)
    session = std::make_unique<http::Session>(http::Options{
        "hfaudit/" + std::string(version()), settings_.ca_bundle, options_.ipv4_only});
  auto response = session->perform(request, stop_);
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(session));
  return response;
}

bool HubConnection::is_interrupted() const {
  return stop_.stop_requested();
}

// False: interrupted.
bool HubConnection::pause(double seconds) const {
  constexpr std::chrono::milliseconds step(100);
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(seconds));
  while (!is_interrupted() && Clock::now() < until)
    std::this_thread::sleep_for(std::min<Clock::duration>(until - Clock::now(), step));
  return !is_interrupted();
}

}  // namespace hfaudit
