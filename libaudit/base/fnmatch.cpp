#include "base/fnmatch.hpp"

#include <algorithm>

namespace hfaudit {
namespace {

// Matches one `[…]` at the head of `pattern` against `c`; `length` is how much of the pattern it
// took, 0 where the bracket stays open and stands for itself.
bool match_bracket(std::string_view pattern, char c, std::size_t& length) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '!';
  if (negated) ++at;
  const auto first = at;
  auto close = pattern.find(']', at);
  if (close == first) close = pattern.find(']', at + 1);  // a bracket that comes first is a member
  if (close == std::string_view::npos) {
    length = 0;
    return c == '[';
  }
  bool found = false;
  while (at < close) {
    if (at + 2 < close && pattern[at + 1] == '-') {
      found = found || (pattern[at] <= c && c <= pattern[at + 2]);
      at += 3;
    } else {
      found = found || pattern[at] == c;
      ++at;
    }
  }
  length = close + 1;
  return found != negated;
}

}  // namespace

bool fnmatch(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    std::size_t length = 1;
    bool matches = false;
    if (p < pattern.size()) {
      if (pattern[p] == '*') {
        star = p++;
        star_text = t;
        continue;
      }
      if (pattern[p] == '[') {
        matches = match_bracket(pattern.substr(p), text[t], length);
        if (length == 0) length = 1;
      } else {
        matches = pattern[p] == '?' || pattern[p] == text[t];
      }
    }
    if (matches) {
      p += length;
      ++t;
      // `?` and `[!a]` stand for a whole character rather than a byte of it.
      if (pattern[p - 1] == '?' || pattern[p - 1] == ']') {
        while (t < text.size() && (static_cast<unsigned char>(text[t]) & 0xC0U) == 0x80)
          ++t;
      }
    } else if (star != std::string_view::npos) {
      p = star + 1;  // let the last star take one character more
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

std::string fnmatch_quote(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    const bool special = c == '*' || c == '?' || c == '[';
    pattern += special ? std::string{'[', c, ']'} : std::string(1, c);
  }
  return pattern;
}

bool PathFilter::accepts(std::string_view path) const {
  const auto matches = [&](const std::string& pattern) {
    return fnmatch(pattern.ends_with('/') ? pattern + "*" : pattern, path);
  };
  if (!include.empty() && std::none_of(include.begin(), include.end(), matches)) return false;
  return std::none_of(exclude.begin(), exclude.end(), matches);
}

}  // namespace hfaudit
