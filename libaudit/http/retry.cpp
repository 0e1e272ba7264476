#include "http/retry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/text.hpp"
#include "base/whole_number.hpp"

namespace hfaudit {
namespace {

constexpr double longest_retry_after_s = 24.0 * 3600;

[[nodiscard]] std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin()) + 1;
}

// Days since the epoch, by the proleptic Gregorian calendar; the year begins in March, so that leap
// days come last.
[[nodiscard]] std::int64_t days_since_epoch(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * ((std::int64_t{month} + 9) % 12) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

// "Wed, 13 May 2026 00:44:00 GMT", the one form of HTTP dates that servers may still send.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT") || text.substr(3, 2) != ", ")
    return std::nullopt;
  const auto day = whole_number<unsigned>(text.substr(5, 2));
  const auto month = month_of(text.substr(8, 3));
  const auto year = whole_number<unsigned>(text.substr(12, 4));
  const auto hour = whole_number<unsigned>(text.substr(17, 2));
  const auto minute = whole_number<unsigned>(text.substr(20, 2));
  const auto second = whole_number<unsigned>(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second || *year < 1970) return std::nullopt;
  return days_since_epoch(*year, *month, *day) * 86'400 + *hour * 3600 + *minute * 60 + *second;
}

// The value of `;name=` in a structured header: r and t of `"api";r=0;t=55`.
[[nodiscard]] std::optional<unsigned> parameter(std::string_view header, char name) {
  for (auto at = header.find(';'); at != std::string_view::npos; at = header.find(';', at + 1)) {
    const auto part = trim(header.substr(at + 1, header.find(';', at + 1) - at - 1));
    if (part.size() > 2 && part[0] == name && part[1] == '=')
      return whole_number<unsigned>(part.substr(2));
  }
  return std::nullopt;
}

[[nodiscard]] double bounded(double seconds) {
  return std::clamp(seconds, 0.0, longest_retry_after_s);
}

}  // namespace

bool is_transient_status(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

bool is_redirect_status(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<double> asked_wait(const http::Headers& headers, std::int64_t now) {
  if (const auto after = headers.get("Retry-After")) {
    if (const auto seconds = whole_number<unsigned>(trim(*after))) return bounded(*seconds);
    if (const auto date = parse_http_date(trim(*after)))
      return bounded(static_cast<double>(*date - now));
  }
  const auto limit = headers.get("RateLimit");
  if (!limit || parameter(*limit, 'r') != 0U) return std::nullopt;
  const auto seconds = parameter(*limit, 't');
  return seconds ? std::optional(bounded(*seconds)) : std::nullopt;
}

std::optional<double> wait_before_retry(const RetryLimits& limits, unsigned attempt,
                                        double elapsed_s, std::optional<double> retry_after_s,
                                        double random) {
  if (attempt >= limits.attempts) return std::nullopt;
  const double doubled =
      std::ldexp(limits.first_wait_s, static_cast<int>(std::min(attempt, 30U)) - 1);
  const double own = std::min(doubled, limits.longest_wait_s) * (0.5 + random / 2);
  const double wait = retry_after_s ? std::max(*retry_after_s, own) : own;
  if (limits.total_s > 0 && elapsed_s + wait > limits.total_s) return std::nullopt;
  return wait;
}

}  // namespace hfaudit
