#include "formats/sniff.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t window = 1024;

// The Hub's plain-text errors: whole bodies, and how the longer ones begin.
constexpr std::array<std::string_view, 5> hub_errors{"Entry not found", "Repository not found",
                                                     "Revision not found",
                                                     "Invalid username or password.", "Not Found"};
constexpr std::array<std::string_view, 4> hub_error_beginnings{
    "Access to model ", "Access to dataset ", "Access to this resource ", "Invalid rev id: "};

[[nodiscard]] std::string_view without_mark_and_space(std::string_view head) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (head.starts_with(byte_order_mark)) head.remove_prefix(byte_order_mark.size());
  while (!head.empty() && is_space(head.front()))
    head.remove_prefix(1);
  return head;
}

// Pages may have an XML declaration or comments first.
[[nodiscard]] bool is_html(std::string_view text) {
  for (const std::string_view end : {"?>", "-->", "-->", "-->"}) {
    const bool preamble = text.starts_with(end == "?>" ? "<?xml" : "<!--");
    const auto at = preamble ? text.find(end) : std::string_view::npos;
    if (at != std::string_view::npos) text = without_mark_and_space(text.substr(at + end.size()));
  }
  return starts_with_lower(text, "<!doctype html") || starts_with_lower(text, "<html") ||
         starts_with_lower(text, "<head>");
}

// Object stores answer in XML: <?xml version="1.0"
// encoding="UTF-8"?><Error><Code>AccessDenied</Code>…
[[nodiscard]] bool is_store_error(std::string_view text) {
  return starts_with_lower(text, "<?xml") && text.find("<Error>") != std::string_view::npos;
}

// The Hub's own begin with "error"; those of gateways are short.
[[nodiscard]] bool is_json_error(std::string_view text, std::uint64_t size) {
  if (!text.starts_with('{')) return false;
  text = without_mark_and_space(text.substr(1));
  if (text.starts_with("\"error\"")) return true;
  constexpr std::array<std::string_view, 6> keys{
      "\"message\"", "\"errors\"", "\"detail\"", "\"statusCode\"", "\"code\"", "\"errorMessage\""};
  constexpr std::uint64_t longest = 4096;
  return size <= longest && std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
           return text.starts_with(key);
         });
}

[[nodiscard]] bool is_hub_error(std::string_view text, std::uint64_t size) {
  constexpr std::uint64_t longest = 512;
  if (size > longest) return false;
  const auto is_body = [&](std::string_view error) { return trim(text) == error; };
  const auto begins = [&](std::string_view error) { return text.starts_with(error); };
  return std::any_of(hub_errors.begin(), hub_errors.end(), is_body) ||
         std::any_of(hub_error_beginnings.begin(), hub_error_beginnings.end(), begins);
}

[[nodiscard]] bool is_plain_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_space(c) || (c >= ' ' && c <= '~'); });
}

}  // namespace

std::optional<std::string> sniff_error_body(std::string_view head, std::uint64_t size) {
  const auto text = without_mark_and_space(head.substr(0, window));
  if (is_html(text)) return "an HTML page";
  if (is_store_error(text)) return "an XML error message";
  if (is_json_error(text, size)) return "a JSON error message";
  if (is_hub_error(text, size)) return "an error message of the Hub";
  return std::nullopt;
}

std::optional<std::string> sniff_message(std::string_view head, std::uint64_t size) {
  constexpr std::uint64_t longest_json = 4096, longest_text = 512;
  auto text = without_mark_and_space(head.substr(0, window));
  const auto has_any = [&](auto... words) {
    return (... || (text.find(words) != std::string_view::npos));
  };
  if (text.starts_with('{') || text.starts_with('[')) {
    // keys of the outermost object
    if (text.starts_with('[')) text = without_mark_and_space(text.substr(1));
    text = text.substr(0, text.find_first_of("{[", 1));
    const bool message =
        size <= longest_json && is_plain_text(text.substr(0, 64)) &&
        has_any("\"error", "\"message\"", "\"detail\"", "\"reason\"", "\"statusCode\"",
                "\"status_code\"", "\"errors\"", "\"Message\"", "\"Code\"");
    return message ? std::optional<std::string>("a JSON error message") : std::nullopt;
  }
  const bool message =
      size <= longest_text && is_plain_text(text) &&
      has_any("ot found", "ot Found", "NOT FOUND", "orbidden", "enied", "nauthorized", "rror",
              "ERROR", "xpired", "navailable", "imed out", "imeout", "oo many requests",
              "oo Many Requests", "ate limit", "ad gateway", "ad Gateway", "locked by", "uota");
  return message ? std::optional<std::string>("an error message") : std::nullopt;
}

std::optional<std::string> sniff_foreign(std::string_view head, std::uint64_t size) {
  if (auto body = sniff_error_body(head, size)) return body;
  head = head.substr(0, window);
  const auto text = without_mark_and_space(head);
  if (starts_with_lower(text, "<?xml") || starts_with_lower(text, "<!doctype"))
    return "an XML document";
  if (head.starts_with("\x1F\x8B\x08")) return "gzip data";
  if (is_plain_text(text))
    return text.starts_with('{') || text.starts_with('[') ? "a JSON document" : "plain text";
  const bool zeros = std::all_of(head.begin(), head.end(), [](char c) { return c == '\0'; });
  if (zeros && head.size() >= 8) return "zeros";
  return std::nullopt;
}

}  // namespace hfaudit
