// URLs of http and https, as far as asking a Hub needs them: parts, origins, and where a redirect
// leads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

struct Url {
  std::string scheme;     // "http" or "https"; of a source also "sftp"
  std::string user_info;  // "user:password", from HF_ENDPOINT only; secret
  std::string host;       // lower-case; an IPv6 address with its brackets
  std::string port;       // empty for the scheme's own
  std::string path;       // "/…" or empty
  std::string query;      // without the "?"

  auto operator<=>(const Url&) const = default;

  [[nodiscard]] std::string text() const;
  // For messages: without user, password and query, for signed URLs are secrets too.
  [[nodiscard]] std::string shown() const;
};

// nullopt: another scheme, a missing host, control characters. A fragment is dropped; bytes that
// are invalid in a URL (spaces, UTF-8) become %XX.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);
// The same for the sources that a user names: sftp, too. Answers of servers are parsed by
// parse_url() alone.
[[nodiscard]] std::optional<Url> parse_source_url(std::string_view text);

// Where a Location of `base` leads: another URL, or a path on the same host.
[[nodiscard]] std::optional<Url> resolve_location(const Url& base, std::string_view location);

// Whether a secret for `from` (a token) may be sent to `to`: the same host, by the same way or a
// safer one.
[[nodiscard]] bool is_trusted_with(const Url& from, const Url& to);

// Python's urllib.parse.quote: all but letters, digits, "_.-~" and the characters of `safe` becomes
// %XX.
[[nodiscard]] std::string quote(std::string_view bytes, std::string_view safe = "");

}  // namespace hfaudit
