#include "http/url.hpp"

#include <algorithm>

namespace hfaudit {
namespace {

[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] std::string lower(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), to_lower);
  return lowered;
}

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_unreserved(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '-' || c == '~';
}

void append_quoted(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

[[nodiscard]] bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

// Letters, digits, dots, dashes, and the brackets and colons of IPv6: all other characters could
// end a host early.
[[nodiscard]] bool is_host(std::string_view host) {
  const auto plain = [](char c) { return is_unreserved(c); };
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return false;
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(),
                       [](char c) { return is_unreserved(c) || c == ':'; });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), plain);
}

[[nodiscard]] bool set_host_and_port(Url& url, std::string_view authority) {
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto port =
      colon == std::string_view::npos ? std::string_view{} : authority.substr(colon + 1);
  url.host = lower(authority.substr(0, colon));
  if (port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) return false;
  const std::string_view usual = url.scheme == "https" ? "443" : url.scheme == "sftp" ? "22" : "80";
  if (port != usual) url.port = port;
  return is_host(url.host);
}

// Characters that are invalid in a URL become %XX; quoted ones stay.
[[nodiscard]] std::string tidy(std::string_view text) {
  std::string tidied;
  for (const char c : text) {
    const bool as_it_is =
        static_cast<unsigned char>(c) < 0x7f && c != ' ' && c != '"' && c != '<' && c != '>';
    if (as_it_is) tidied += c;
    if (!as_it_is) append_quoted(tidied, c);
  }
  return tidied;
}

// libcurl ends a user or password at the first "@", where others end it at the last one: so every
// character that could pass for its end, or for a host, is quoted.
[[nodiscard]] std::string tidy_user_info(std::string_view text) {
  constexpr std::string_view kept = ":%!$&'()*+,;=";
  std::string tidied;
  for (const char c : text) {
    const bool as_it_is = is_unreserved(c) || kept.find(c) != std::string_view::npos;
    if (as_it_is) tidied += c;
    if (!as_it_is) append_quoted(tidied, c);
  }
  return tidied;
}

void set_path_and_query(Url& url, std::string_view text) {
  text = text.substr(0, text.find('#'));
  const auto mark = text.find('?');
  url.path = tidy(text.substr(0, mark));
  url.query = mark == std::string_view::npos ? "" : tidy(text.substr(mark + 1));
}

// The Hub's short domain redirects to its full one.
[[nodiscard]] std::string_view full_name(std::string_view host) {
  return host == "hf.co" ? "huggingface.co" : host;
}

}  // namespace

std::string Url::shown() const {
  return scheme + "://" + host + (port.empty() ? "" : ":" + port) + path;
}

std::string Url::text() const {
  return scheme + "://" + (user_info.empty() ? "" : user_info + "@") + host +
         (port.empty() ? "" : ":" + port) + path + (query.empty() ? "" : "?" + query);
}

namespace {

[[nodiscard]] std::optional<Url> parse(std::string_view text, bool may_be_sftp) {
  if (std::any_of(text.begin(), text.end(), is_control) ||
      text.find('\\') != std::string_view::npos)
    return std::nullopt;
  const auto slashes = text.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = lower(text.substr(0, slashes));
  const bool known = url.scheme == "http" || url.scheme == "https";
  if (!known && !(may_be_sftp && url.scheme == "sftp")) return std::nullopt;
  text.remove_prefix(slashes + 3);
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  auto authority = text.substr(0, end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = tidy_user_info(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  if (!set_host_and_port(url, authority)) return std::nullopt;
  set_path_and_query(url, text.substr(end));
  return url;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  return parse(text, false);
}

std::optional<Url> parse_source_url(std::string_view text) {
  return parse(text, true);
}

std::optional<Url> resolve_location(const Url& base, std::string_view location) {
  if (location.empty() || std::any_of(location.begin(), location.end(), is_control) ||
      location.find('\\') != std::string_view::npos)
    return std::nullopt;
  if (location.starts_with("//")) return parse_url(base.scheme + ":" + std::string(location));
  if (location.substr(0, location.find_first_of("/?#")).find(':') != std::string_view::npos)
    return parse_url(location);
  Url url = base;
  if (location.starts_with('?')) {
    set_path_and_query(url, base.path + std::string(location));
  } else if (location.starts_with('/')) {
    set_path_and_query(url, location);
  } else {
    set_path_and_query(url, base.path.substr(0, base.path.rfind('/') + 1).append(location));
    if (!url.path.starts_with('/')) url.path.insert(0, 1, '/');
  }
  return url;
}

bool is_trusted_with(const Url& from, const Url& to) {
  if (from.host != to.host && (full_name(from.host) != full_name(to.host) || !from.port.empty()))
    return false;
  if (from.scheme == to.scheme) return from.port == to.port;
  // http -> https, as mirrors ask for
  return from.scheme == "http" && from.port.empty() && to.port.empty();
}

std::string quote(std::string_view bytes, std::string_view safe) {
  std::string quoted;
  for (const char c : bytes) {
    const bool as_it_is = is_unreserved(c) || safe.find(c) != std::string_view::npos;
    if (as_it_is) quoted += c;
    if (!as_it_is) append_quoted(quoted, c);
  }
  return quoted;
}

}  // namespace hfaudit
