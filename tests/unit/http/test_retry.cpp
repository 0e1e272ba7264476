#include "catch_any.hpp"

#include "http/retry.hpp"

using namespace hfaudit;

TEST_CASE("which answers another attempt may better") {
  for (const int status : {408, 429, 500, 502, 503, 504})
    CHECK(is_transient_status(status));
  for (const int status : {200, 301, 400, 401, 403, 404, 416, 501, 505})
    CHECK_FALSE(is_transient_status(status));
  CHECK(http::is_transient(http::ErrorKind::no_connection));
  CHECK_FALSE(http::is_transient(http::ErrorKind::tls));
  CHECK_FALSE(http::is_transient(http::ErrorKind::interrupted));
}

TEST_CASE("how long the server asks for a delay") {
  constexpr std::int64_t now = 1'778'633'040;  // Wed, 13 May 2026 00:44:00 GMT
  struct Row {
    const char* what;
    std::vector<http::Header> headers;
    std::optional<double> seconds;
  };
  const std::vector<Row> rows{
      {"nothing", {}, std::nullopt},
      {"seconds", {{"Retry-After", "7"}}, 7},
      {"whatever case", {{"retry-after", " 7 "}}, 7},
      {"a date", {{"Retry-After", "Wed, 13 May 2026 00:45:30 GMT"}}, 90},
      {"a date that is past", {{"Retry-After", "Wed, 13 May 2026 00:40:00 GMT"}}, 0},
      {"a leap day", {{"Retry-After", "Tue, 29 Feb 2028 00:00:00 GMT"}}, 24 * 3600},
      {"far too long", {{"Retry-After", "4000000000"}}, 24 * 3600},
      {"no number", {{"Retry-After", "soon"}}, std::nullopt},
      {"a negative one", {{"Retry-After", "-5"}}, std::nullopt},
      {"more than a number can hold", {{"Retry-After", "99999999999999"}}, std::nullopt},
      {"half a date", {{"Retry-After", "Wed, 13 May 2026"}}, std::nullopt},
      {"no such month", {{"Retry-After", "Wed, 13 Mai 2026 00:45:30 GMT"}}, std::nullopt},
      {"used up", {{"RateLimit", "\"api\";r=0;t=55"}}, 55},
      {"used up, with spaces", {{"ratelimit", "\"api\"; r=0; t=55"}}, 55},
      {"not used up", {{"RateLimit", "\"api\";r=3;t=55"}}, std::nullopt},
      {"no time", {{"RateLimit", "\"api\";r=0"}}, std::nullopt},
      {"Retry-After before RateLimit",
       {{"RateLimit", "\"api\";r=0;t=55"}, {"Retry-After", "3"}},
       3},
      {"RateLimit where Retry-After is garbage",
       {{"RateLimit", "\"api\";r=0;t=55"}, {"Retry-After", "x"}},
       55},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    CHECK(asked_wait({row.headers}, now) == row.seconds);
  }
}

TEST_CASE("when to ask again") {
  const RetryLimits limits{4, 1, 5, 60};
  struct Row {
    const char* what;
    unsigned attempt;
    double elapsed_s;
    std::optional<double> retry_after_s;
    double random;
    std::optional<double> wait_s;
  };
  const Row rows[] = {
      {"the first failure, at least", 1, 0, {}, 0, 0.5},
      {"the first failure, half way", 1, 0, {}, 0.5, 0.75},
      {"the second is twice as long", 2, 1, {}, 0.5, 1.5},
      {"the third", 3, 5, {}, 0.5, 3},
      {"the last attempt", 4, 9, {}, 0.5, {}},
      {"the server knows better", 1, 0, 30, 0.5, 30},
      {"but not less than our own", 1, 0, 0, 0.5, 0.75},
      {"longer than we have", 1, 0, 61, 0.5, {}},
      {"longer than is left", 2, 50, 11, 0.5, {}},
      {"just what is left", 2, 50, 10, 0.5, 10},
      {"out of time", 2, 60, {}, 0, {}},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    CHECK(wait_before_retry(limits, row.attempt, row.elapsed_s, row.retry_after_s, row.random) ==
          row.wait_s);
  }
  const RetryLimits patient{100, 1, 5, 0};
  CHECK(wait_before_retry(patient, 99, 1e6, {}, 0) == 2.5);  // no longer than the longest
  CHECK(wait_before_retry(patient, 1, 1e6, 86'400, 0) == 86'400);
}
