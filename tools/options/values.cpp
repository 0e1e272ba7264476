#include "options/values.hpp"

#include <algorithm>
#include <charconv>

#include "base/format.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/repair.hpp"
#include "hfaudit/units.hpp"
#include "hfaudit/verify.hpp"

namespace hfaudit::cli {
namespace {

using Parsed = tl::expected<Value, std::string>;

bool is_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const std::string_view choice = choices.substr(0, choices.find('|'));
    if (choice == text) return true;
    choices.remove_prefix(std::min(choice.size() + 1, choices.size()));
  }
  return false;
}

std::string invalid(std::string_view text, std::string_view expected) {
  return formatted("invalid value \"{}\" ({})", printable(text), expected);
}

Parsed parse_number(const Option& option, const std::string& text) {
  const char* const end = text.data() + text.size();
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), end, number);
  const auto [least, most] = option.bounds;
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
  if (whole && number >= least && number <= most) return number;
  return tl::unexpected(invalid(text, formatted("a number from {} to {}", least, most)));
}

Parsed parse_rate(const Option& option, const std::string& text) {
  const auto bytes = parse_bytes(text);
  if (bytes && *bytes > 0) return *bytes;
  return tl::unexpected(invalid(text, formatted("a rate such as {}", option.example)));
}

Parsed parse_time(const Option& option, const std::string& text) {
  const auto duration = parse_duration(text);
  const Milliseconds least{option.bounds.least};
  if (!duration)
    return tl::unexpected(invalid(
        text, formatted("a time such as {}; its units are ms, s, m, h and d", option.example)));
  if (*duration >= least) return *duration;
  return tl::unexpected(invalid(text, formatted("at least {} ms", least.count())));
}

}  // namespace

std::string why_empty(std::string_view text) {
  return text.empty() ? "the value is empty" : "";
}

std::string why_no_age(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  const bool no_unit = std::all_of(text.begin(), text.end(), is_digit);
  const bool zero = text.find_first_not_of("0.") == std::string_view::npos;
  if (!no_unit || zero) return "";
  return invalid(text,
                 formatted("it has no unit; write {}s, {}m, {}h or {}d", text, text, text, text));
}

std::string why_no_subset(std::string_view text) {
  if (text == "array" || parse_subset(std::string(text))) return "";
  if (text.starts_with("0/"))
    return invalid(text, "parts count from 1; --subset array takes the index of an array job");
  return invalid(text, "choose n/t, array, a share such as 10% or an amount such as 50G");
}

std::string why_no_repo_type(std::string_view text) {
  return parse_repo_type(text) ? "" : invalid(text, "choose model, dataset, space or kernel");
}

std::string why_no_repair_group(std::string_view text) {
  return parse_repair_group(text) ? ""
                                  : invalid(text,
                                            "choose ownership, locks, partials, entries, refs, "
                                            "content or orphans");
}

std::string why_no_waits(std::string_view text) {
  return parse_seconds_list(text) ? "" : invalid(text, "seconds with commas, such as 10,30,60");
}

std::string why_no_metrics_file(std::string_view text) {
  return text == "-" ? "metrics go to a file, not to standard output" : "";
}

// "text|json|html" as "text, json or html".
std::string in_words(std::string_view choices) {
  std::string text;
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    const bool last = end == choices.size();
    text += text.empty() ? "" : last ? " or " : ", ";
    text += choices.substr(0, end);
    choices.remove_prefix(last ? end : end + 1);
  }
  return text;
}

// An empty value is an error: `--cache-dir "$UNSET"` is a mistake rather than a request for the
// default. In a list it is allowed, as a pattern without matches, as in the clients.
Parsed parse_value(const Option& option, const std::string& text) {
  if (text.empty() && !option.repeatable) return tl::unexpected<std::string>("the value is empty");
  if (option.check != nullptr) {
    if (std::string why = option.check(text); !why.empty()) return tl::unexpected(std::move(why));
  }
  if (option.kind == Kind::number) return parse_number(option, text);
  if (option.kind == Kind::bytes) return parse_rate(option, text);
  if (option.kind == Kind::duration) return parse_time(option, text);
  if (option.kind == Kind::choice && !is_choice(option.choices, text))
    return tl::unexpected(invalid(text, "choose " + in_words(option.choices)));
  return text;
}

Parsed parse_boolean(std::string_view text) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const auto* yes : {"1", "true", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const auto* no : {"0", "false", "no", "off"}) {
    if (word == no) return false;
  }
  return tl::unexpected(invalid(text, "choose true or false"));
}

std::optional<std::vector<double>> parse_seconds_list(std::string_view text) {
  constexpr double most_allowed = 86'400;
  std::vector<double> list;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double seconds = 0;
    const auto parsed = std::from_chars(at, end, seconds, std::chars_format::fixed);
    const bool sound = seconds >= 0 && seconds <= most_allowed;  // false for NaN
    if (parsed.ec != std::errc() || !sound) return std::nullopt;
    list.push_back(seconds);
    at = parsed.ptr;
    if (at == end) return list;
    if (*at++ != ',') return std::nullopt;
  }
}

}  // namespace hfaudit::cli
