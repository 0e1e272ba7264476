#include "http/messages.hpp"

#include <algorithm>
#include <array>

#include "http/url.hpp"

namespace hfaudit::http {
namespace {

[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// A line break in a header would begin another one.
[[nodiscard]] bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

}  // namespace

std::optional<Failure> refuse(const Request& request, bool may_be_sftp) {
  const auto url = may_be_sftp ? parse_source_url(request.url) : parse_url(request.url);
  if (!url)
    return Failure{ErrorKind::bad_request, Error{"ask", "a server", "not an http or https URL", 0}};
  constexpr std::array<std::string_view, 4> methods{"GET", "HEAD", "POST", "PUT"};
  if (std::find(methods.begin(), methods.end(), request.method) == methods.end())
    return Failure{ErrorKind::bad_request, Error{"ask", url->shown(), "no such method", 0}};
  for (const auto& header : request.headers) {
    if (has_control(header.name) || has_control(header.value))
      return Failure{ErrorKind::bad_request,
                     Error{"ask", url->shown(), "control characters in a header", 0}};
  }
  return std::nullopt;
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& header : list) {
    if (same_name(header.name, name)) return header.value;
  }
  return std::nullopt;
}

bool is_transient(ErrorKind kind) {
  return kind == ErrorKind::host_not_found || kind == ErrorKind::no_connection ||
         kind == ErrorKind::timed_out || kind == ErrorKind::broken;
}

}  // namespace hfaudit::http
