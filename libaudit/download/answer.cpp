#include "download/answer.hpp"

#include <string_view>

#include "base/whole_number.hpp"
#include "http/retry.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] AnswerVerdict wrong(std::string cause) {
  AnswerVerdict verdict;
  verdict.cause = std::move(cause);
  return verdict;
}

[[nodiscard]] AnswerVerdict of_kind(AnswerKind kind, std::string cause = {}) {
  AnswerVerdict verdict;
  verdict.kind = kind;
  verdict.cause = std::move(cause);
  return verdict;
}

[[nodiscard]] bool is_encoded(const http::Headers& headers) {
  const auto encoding = headers.get("Content-Encoding").value_or("identity");
  return !encoding.empty() && encoding != "identity";
}

// Does the Hub itself name another file than its listing did? Only like is compared with like: some
// mirrors name small files by their sha256.
[[nodiscard]] bool is_another_file(std::string_view etag, const RequestedRange& asked) {
  return etag.size() == asked.etag.size() && etag != asked.etag;
}

[[nodiscard]] std::string sizes(std::uint64_t got, const RequestedRange& asked) {
  return "it has " + std::to_string(got) + " bytes there, and " + std::to_string(asked.size) +
         " in the Hub's listing";
}

[[nodiscard]] AnswerVerdict lasting(std::string cause) {
  auto verdict = wrong(std::move(cause));
  verdict.lasting = true;
  return verdict;
}

// The etag that identifies the content.
[[nodiscard]] std::string etag_of(const http::Headers& headers) {
  const auto linked = headers.get("X-Linked-Etag");
  return plain_etag(linked ? *linked : headers.get("ETag").value_or(""));
}

[[nodiscard]] AnswerVerdict judge_redirect(const http::Headers& headers,
                                           const RequestedRange& asked) {
  if (asked.of_hub) {
    const auto etag = plain_etag(headers.get("X-Linked-Etag").value_or(""));
    if (is_another_file(etag, asked))
      return wrong("the file there has changed: its etag is now " + etag);
    const auto size = whole_number<std::uint64_t>(headers.get("X-Linked-Size").value_or(""));
    if (size && *size != asked.size) return lasting(sizes(*size, asked));
  }
  const auto location = headers.get("Location").value_or("");
  if (location.empty()) return wrong("it redirects without an address");
  auto verdict = of_kind(AnswerKind::redirect);
  verdict.location = location;
  return verdict;
}

// The Hub names another file, or the same host another etag than before: the file was replaced in
// between. A plain ETag is compared only within a host: mirrors have their own.
[[nodiscard]] std::optional<AnswerVerdict> judge_etag(const http::Headers& headers,
                                                      const std::string& etag,
                                                      const RequestedRange& asked) {
  const auto linked = plain_etag(headers.get("X-Linked-Etag").value_or(""));
  if (asked.of_hub && is_another_file(linked, asked))
    return wrong("the file there has changed: its etag is now " + linked);
  if (!etag.empty() && !asked.validator.empty() && etag != asked.validator)
    return wrong("the file changed while it was downloaded");
  return std::nullopt;
}

[[nodiscard]] AnswerVerdict judge_part(const http::Headers& headers, const RequestedRange& asked) {
  const auto range = parse_content_range(headers.get("Content-Range").value_or(""));
  if (!range) return wrong("its answer has no range");
  if (range->total && *range->total != asked.size) return lasting(sizes(*range->total, asked));
  if (range->first != asked.begin) return wrong("it sent another range than the requested one");
  if (is_encoded(headers))
    return wrong("it compressed the content, which was requested without compression");
  const auto etag = etag_of(headers);
  if (auto changed = judge_etag(headers, etag, asked)) return *changed;
  auto verdict = of_kind(AnswerKind::range);
  verdict.validator = etag;
  return verdict;
}

[[nodiscard]] AnswerVerdict judge_whole(const http::Headers& headers, const RequestedRange& asked) {
  const auto length = whole_number<std::uint64_t>(headers.get("Content-Length").value_or(""));
  if (!is_encoded(headers) && length && *length != asked.size) {
    const auto type = headers.get("Content-Type").value_or("");
    const bool page = type.starts_with("text/html");
    return wrong(page ? "it sent a web page: a proxy or a login page answers"
                      : sizes(*length, asked));
  }
  const auto etag = etag_of(headers);
  if (auto changed = judge_etag(headers, etag, asked)) return *changed;
  auto verdict = of_kind(AnswerKind::whole);
  verdict.validator = etag;
  return verdict;
}

}  // namespace

std::string plain_etag(std::string_view header) {
  if (header.starts_with("W/")) header.remove_prefix(2);
  if (header.size() >= 2 && header.front() == '"' && header.back() == '"')
    header = header.substr(1, header.size() - 2);
  return std::string(header);
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view unit = "bytes ";
  if (!text.starts_with(unit)) return std::nullopt;
  text.remove_prefix(unit.size());
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash)
    return std::nullopt;
  const auto first = whole_number<std::uint64_t>(text.substr(0, dash));
  const auto last = whole_number<std::uint64_t>(text.substr(dash + 1, slash - dash - 1));
  const auto total = whole_number<std::uint64_t>(text.substr(slash + 1));
  if (!first || !last || *last < *first || (!total && text.substr(slash + 1) != "*"))
    return std::nullopt;
  return ContentRange{*first, *last, total};
}

AnswerVerdict judge_answer(int status, const http::Headers& headers, const RequestedRange& asked,
                           std::int64_t now) {
  constexpr int ok = 200, partial = 206, no_such_range = 416;
  if (is_redirect_status(status)) return judge_redirect(headers, asked);
  if (status == partial) return judge_part(headers, asked);
  if (status == ok) return judge_whole(headers, asked);
  if (is_transient_status(status)) {
    auto verdict = of_kind(AnswerKind::waits);
    verdict.retry_after_s = asked_wait(headers, now);
    return verdict;
  }
  if (status == no_such_range)
    return lasting("the file there is shorter than in the Hub's listing");
  if (status >= 400 && !asked.of_hub)
    return of_kind(AnswerKind::expired,
                   "the storage behind the Hub" +
                       (asked.host.empty() ? std::string() : " (" + asked.host + ")") +
                       " returned " + std::to_string(status));
  if (status >= 400) return of_kind(AnswerKind::refused);
  return wrong("it returned " + std::to_string(status) + ", which is not expected");
}

}  // namespace hfaudit
