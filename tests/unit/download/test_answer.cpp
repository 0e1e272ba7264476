// What an answer to a ranged request is good for: whatever a server sends, a byte gets to its place
// or nowhere.
#include <string>
#include <vector>

#include "catch_any.hpp"
#include "download/answer.hpp"

using namespace hfaudit;

namespace {

const std::string test_etag(64, 'a'), other_etag(64, 'b'), git_etag(40, 'c');
constexpr std::int64_t test_now = 1'767'225'600;

RequestedRange asked() {
  return {100, 200, 1000, test_etag, "", true};
}

RequestedRange asked_of_cdn() {
  auto range = asked();
  range.of_hub = false;
  return range;
}

RequestedRange asked_after(std::string validator) {
  auto range = asked();
  range.validator = std::move(validator);
  return range;
}

struct Row {
  std::string what;
  int status;
  std::vector<http::Header> headers;
  AnswerKind kind;
  std::string cause;  // a part of it
  RequestedRange range = asked();
};

void check(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto verdict = judge_answer(row.status, {row.headers}, row.range, test_now);
    CHECK(static_cast<int>(verdict.kind) == static_cast<int>(row.kind));
    CAPTURE(verdict.cause);
    CHECK(verdict.cause.find(row.cause) != std::string::npos);
    CHECK((row.cause.empty() ? verdict.cause.empty() : true));
  }
}

}  // namespace

TEST_CASE("answer: a part is taken where it is exactly what was asked for") {
  using enum AnswerKind;
  const http::Header right{"Content-Range", "bytes 100-199/1000"};
  const std::string changed = "changed while", replaced = "the file there has changed",
                    compressed = "compressed";
  check({
      {"fine", 206, {right}, range, ""},
      {"the total is not told", 206, {{"Content-Range", "bytes 100-199/*"}}, range, ""},
      {"less than was asked for", 206, {{"Content-Range", "bytes 100-149/1000"}}, range, ""},
      {"name in lower case", 206, {{"content-range", "bytes 100-199/1000"}}, range, ""},
      {"an earlier byte", 206, {{"Content-Range", "bytes 99-199/1000"}}, wrong, "another range"},
      {"a later byte", 206, {{"Content-Range", "bytes 101-199/1000"}}, wrong, "another range"},
      {"another total",
       206,
       {{"Content-Range", "bytes 100-199/1001"}},
       wrong,
       "1001 bytes there, and 1000"},
      {"no Content-Range", 206, {}, wrong, "has no range"},
      {"multipart",
       206,
       {{"Content-Type", "multipart/byteranges; boundary=x"}},
       wrong,
       "has no range"},
      {"gzip", 206, {right, {"Content-Encoding", "gzip"}}, wrong, compressed},
      {"identity", 206, {right, {"Content-Encoding", "identity"}}, range, ""},
      {"the etag of before", 206, {right, {"ETag", "\"v1\""}}, range, "", asked_after("v1")},
      {"no etag this time", 206, {right}, range, "", asked_after("v1")},
      {"another etag than before",
       206,
       {right, {"ETag", "\"v2\""}},
       wrong,
       changed,
       asked_after("v1")},
      {"weak now", 206, {right, {"ETag", "W/\"v1\""}}, range, "", asked_after("v1")},
      {"the Hub names another file",
       206,
       {right, {"X-Linked-Etag", '"' + other_etag + '"'}},
       wrong,
       replaced},
      {"a mirror's own etag", 206, {right, {"ETag", '"' + other_etag + '"'}}, range, ""},
      {"a CDN's is its own",
       206,
       {right, {"X-Linked-Etag", other_etag}},
       range,
       "",
       asked_of_cdn()},
  });
}

TEST_CASE("answer: the whole in place of a part is a file from its beginning, or no file at all") {
  using enum AnswerKind;
  check({
      {"of the right length", 200, {{"Content-Length", "1000"}}, whole, ""},
      {"without a length", 200, {}, whole, ""},
      {"a length that is none", 200, {{"Content-Length", "-1"}}, whole, ""},
      {"too short", 200, {{"Content-Length", "999"}}, wrong, "999 bytes there, and 1000"},
      {"a page",
       200,
       {{"Content-Length", "512"}, {"Content-Type", "text/html; charset=utf-8"}},
       wrong,
       "web page"},
      {"a file that is a page",
       200,
       {{"Content-Length", "1000"}, {"Content-Type", "text/html"}},
       whole,
       ""},
      {"gzip has a length of its own",
       200,
       {{"Content-Length", "77"}, {"Content-Encoding", "gzip"}},
       whole,
       ""},
      {"another etag", 200, {{"ETag", "\"v2\""}}, wrong, "changed while", asked_after("v1")},
      {"the Hub names another file",
       200,
       {{"X-Linked-Etag", other_etag}},
       wrong,
       "the file there has changed"},
      {"204", 204, {}, wrong, "returned 204"},
  });
}

TEST_CASE("answer: a redirect leads to this file or is not followed") {
  using enum AnswerKind;
  const http::Header there{"Location", "https://cdn.example/x"};
  for (const int status : {301, 302, 303, 307, 308})
    check({{"any of them", status, {there}, redirect, ""}});
  check({
      {"nowhere", 302, {}, wrong, "without an address"},
      {"to an empty place", 302, {{"Location", ""}}, wrong, "without an address"},
      {"304 is none", 304, {there}, wrong, "returned 304"},
      {"the same file", 302, {there, {"X-Linked-Etag", '"' + test_etag + '"'}}, redirect, ""},
      {"another file",
       302,
       {there, {"X-Linked-Etag", '"' + other_etag + '"'}},
       wrong,
       "etag is now " + other_etag},
      {"named in another way", 302, {there, {"X-Linked-Etag", '"' + git_etag + '"'}}, redirect, ""},
      {"its size", 302, {there, {"X-Linked-Size", "1000"}}, redirect, ""},
      {"another size", 302, {there, {"X-Linked-Size", "10"}}, wrong, "10 bytes there, and 1000"},
      {"a size that is none",
       302,
       {there, {"X-Linked-Size", "99999999999999999999"}},
       redirect,
       ""},
      {"what a CDN says of it",
       302,
       {there, {"X-Linked-Etag", other_etag}, {"X-Linked-Size", "1"}},
       redirect,
       "",
       asked_of_cdn()},
  });
  const auto verdict = judge_answer(302, {{there}}, asked(), test_now);
  CHECK(verdict.location == "https://cdn.example/x");
}

TEST_CASE("answer: a no is the Hub's own, or a CDN's whose URL is too old") {
  using enum AnswerKind;
  for (const int status : {400, 401, 403, 404, 410, 451}) {
    CAPTURE(status);
    check({{"of the Hub", status, {}, refused, ""},
           {"of a CDN", status, {}, expired, "storage behind the Hub returned", asked_of_cdn()}});
  }
  check({{"no such range", 416, {}, wrong, "shorter"},
         {"no such range of a CDN", 416, {}, wrong, "shorter", asked_of_cdn()},
         {"no status at all", 0, {}, wrong, "returned 0"},
         {"not implemented", 501, {}, refused, ""}});
}

TEST_CASE("answer: trouble that may pass, and how long it is asked to wait") {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    CAPTURE(status);
    for (const auto& range : {asked(), asked_of_cdn()}) {
      const auto verdict = judge_answer(status, {}, range, test_now);
      CHECK((verdict.kind == AnswerKind::waits && !verdict.retry_after_s));
    }
    CHECK(judge_answer(status, {{{"Retry-After", "7"}}}, asked(), test_now).retry_after_s == 7.0);
  }
  const auto wait = [](const std::string& text) {
    return judge_answer(429, {{{"Retry-After", text}}}, asked(), test_now).retry_after_s;
  };
  CHECK(wait("Thu, 01 Jan 2026 00:00:30 GMT") == 30.0);
  CHECK(wait("Thu, 01 Jan 1970 00:00:30 GMT") == 0.0);
  CHECK_FALSE(wait("-7"));
  CHECK_FALSE(wait("1e300"));
  CHECK(wait("4294967295").value_or(0) <= 24.0 * 3600);  // of a server that does not want us at all
}

TEST_CASE("answer: what says that two answers are of the same content") {
  const http::Header part{"Content-Range", "bytes 100-199/1000"};
  const auto validator = [&](std::vector<http::Header> headers) {
    headers.push_back(part);
    return judge_answer(206, {std::move(headers)}, asked_of_cdn(), test_now).validator;
  };
  CHECK(validator({}).empty());
  CHECK(validator({{"ETag", "W/\"x\""}}) == "x");
  CHECK(validator({{"ETag", "\"x\""}, {"X-Linked-Etag", "\"y\""}}) == "y");
  CHECK(judge_answer(200, {{{"ETag", "x"}}}, asked(), test_now).validator == "x");

  CHECK(plain_etag("\"a\"") == "a");
  CHECK(plain_etag("W/\"a\"") == "a");
  CHECK(plain_etag("a") == "a");
  CHECK(plain_etag("\"") == "\"");
  CHECK(plain_etag("W/") == "");
  CHECK(plain_etag("\"\"") == "");
}

TEST_CASE("answer: Content-Range, and what only looks like it") {
  const auto range = parse_content_range("bytes 5-18446744073709551614/18446744073709551615");
  REQUIRE(range);
  CHECK((range->first == 5 && range->last == 18446744073709551614ULL &&
         range->total == 18446744073709551615ULL));
  const auto open = parse_content_range("bytes 0-0/*");
  REQUIRE(open);
  CHECK((open->first == 0 && open->last == 0 && !open->total));

  for (const char* text : {
           "",
           "bytes",
           "bytes ",
           "bytes */1000",
           "bytes 0-99",
           "bytes 0/99",
           "bytes -/",
           "bytes 99-0/1000",
           "bytes 0-99/",
           "bytes 0-99/**",
           "bytes 0-99/1000 ",
           "bytes  0-99/1000",
           "bytes 0 -99/1000",
           "bytes 0- 99/1000",
           "bytes -1-99/1000",
           "bytes 0--99/1000",
           "bytes +0-99/1000",
           "bytes 0x0-99/1000",
           "bytes 0-99/-1",
           "bytes 0-99/1000, 200-299/1000",
           "bytes 18446744073709551616-18446744073709551617/*",
           "bytes 0-99/18446744073709551616",
           "Bytes 0-99/1000",
           "items 0-99/1000",
           "bytes=0-99/1000",
           "bytes 1/2-3",
       }) {
    CAPTURE(text);
    CHECK_FALSE(parse_content_range(text));
  }
}
