// The use of an answer to a ranged request for a file's content. Pure; the answer is untrusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hub/hub_error.hpp"

namespace hfaudit {

// The request: bytes [begin, end) of a file of `size` bytes.
struct RequestedRange {
  std::uint64_t begin = 0, end = 0, size = 0;
  std::string etag;       // that the listing gives the file
  std::string validator;  // the etag of this host's earlier answers in this run; else empty
  bool of_hub = true;     // else a CDN answers, whose refusals and etags have another meaning
  std::string host{};     // that is asked, for messages
};

enum class AnswerKind : std::uint8_t {
  range,     // the body begins at RequestedRange::begin
  whole,     // the body begins at 0: this server ignores ranges
  redirect,  // ask there
  expired,   // a CDN's refusal: its signed URL is too old; ask the Hub for another
  waits,     // a temporary error
  refused,   // the Hub's own refusal
  wrong      // something else than this file: another size, another etag, a page
};

struct AnswerVerdict {
  AnswerKind kind = AnswerKind::wrong;
  std::string location;                 // redirect
  std::string validator;                // range, whole
  std::string cause;                    // wrong, expired: the answer that came instead of the file
  std::optional<double> retry_after_s;  // waits: how long the server asks for
  bool lasting = false;  // wrong: the object itself has another size, so retries are useless
};

// `now`: seconds since the epoch.
[[nodiscard]] AnswerVerdict judge_answer(int status, const http::Headers& headers,
                                         const RequestedRange& asked, std::int64_t now);

// "bytes 0-99/1000"; total is nullopt for "*". nullopt: anything else.
struct ContentRange {
  std::uint64_t first = 0, last = 0;
  std::optional<std::uint64_t> total;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

// Without W/ and quotes.
[[nodiscard]] std::string plain_etag(std::string_view header);

}  // namespace hfaudit
