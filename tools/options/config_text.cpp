#include "options/config_text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/format.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit::cli {
namespace {

bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80U) {
    text += static_cast<char>(code);
  } else if (code < 0x800U) {
    text += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000U) {
    text += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

// One pass over the text. The first error is kept, and ends the reading.
class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text) : left_(text) {}

  tl::expected<std::vector<ConfigEntry>, std::string> run() {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (left_.starts_with(byte_order_mark)) left_.remove_prefix(byte_order_mark.size());
    while (error_.empty() && !left_.empty()) {
      skip_blanks();
      if (front() == '[') {
        section_line();
      } else if (front() != '\n' && front() != '#' && !left_.empty()) {
        entry_line();
      }
      end_line();
    }
    if (!error_.empty()) return tl::unexpected(std::move(error_));
    return std::move(entries_);
  }

 private:
  [[nodiscard]] char front() const { return left_.empty() ? '\0' : left_.front(); }
  void fail(std::string_view why) {
    if (error_.empty()) error_ = formatted("{}: {}", line_, why);
  }
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (front() == ' ' || front() == '\t' || (front() == '\r' && left_.starts_with("\r\n")))
      left_.remove_prefix(1);
  }

  void skip_comment() {
    skip_blanks();
    if (front() == '#') left_.remove_prefix(std::min(left_.find('\n'), left_.size()));
  }

  void end_line() {
    skip_comment();
    if (!error_.empty() || left_.empty()) return;
    if (!take('\n')) return fail("there is more on the line than key = value");
    ++line_;
  }

  // Blanks, comments and ends of lines: between the values of a list.
  void skip_lines() {
    for (skip_comment(); take('\n'); skip_comment())
      ++line_;
  }

  std::string bare_word() {
    const auto* const end = std::find_if_not(left_.begin(), left_.end(), is_bare);
    std::string word(left_.begin(), end);
    left_.remove_prefix(word.size());
    return word;
  }

  std::string key_part() {
    skip_blanks();
    std::string part;
    if (front() == '"' || front() == '\'') {
      part = quoted();
    } else {
      part = bare_word();
    }
    if (part.empty()) fail("expected a key, such as format = \"json\"");
    skip_blanks();
    return part;
  }

  void section_line() {
    take('[');
    if (front() == '[') return fail("[[…]] is no section; expected the name of a command in [ ]");
    section_ = key_part();
    if (!take(']')) fail("expected the name of a command in [ ]");
  }

  void entry_line() {
    ConfigEntry entry;
    entry.line = line_;
    entry.section = section_;
    entry.key = key_part();
    if (take('.')) {
      if (!entry.section.empty()) return fail("a section has no sections");
      entry.section = std::exchange(entry.key, key_part());
    }
    if (!take('=')) return fail("expected key = value");
    skip_blanks();
    if (take('[')) {
      entry.is_list = true;
      list(entry.values);
    } else {
      entry.values.push_back(value());
    }
    if (!error_.empty()) return;
    for (const ConfigEntry& other : entries_) {
      if (other.section == entry.section && other.key == entry.key)
        return fail(formatted("{} is set in line {}, too", printable(entry.key), other.line));
    }
    entries_.push_back(std::move(entry));
  }

  void list(std::vector<std::string>& values) {
    for (skip_lines(); !take(']'); skip_lines()) {
      if (left_.empty()) fail("the list does not end");
      if (!error_.empty()) return;
      values.push_back(value());
      skip_lines();
      if (!take(',') && front() != ']') fail("expected a comma or ] in the list");
    }
  }

  std::string value() {
    if (front() == '"' || front() == '\'') return quoted();
    const auto* const end = std::find_if_not(
        left_.begin(), left_.end(), [](char c) { return is_bare(c) || c == '.' || c == '+'; });
    std::string word(left_.begin(), end);
    left_.remove_prefix(word.size());
    if (word == "true" || word == "false") return word;
    const bool number = !word.empty() && word.find_first_not_of("0123456789_.+-") == word.npos &&
                        word.find_first_of("0123456789") != word.npos;
    if (!number) fail(word.empty() ? "expected a value" : "a text needs quotes");
    word.erase(std::remove(word.begin(), word.end(), '_'), word.end());
    return word;
  }

  std::string quoted() {
    const char quote = front();
    left_.remove_prefix(1);
    if (left_.starts_with(std::string{quote, quote})) {
      fail("a text of several lines is not supported");
      return {};
    }
    std::string text;
    while (!take(quote)) {
      if (left_.empty() || front() == '\n') {
        fail("the closing quote is missing");
        return {};
      }
      const char c = left_.front();
      left_.remove_prefix(1);
      if (c == '\0') {
        fail("a text holds no NUL");
        return {};
      }
      if (c == '\\' && quote == '"') {
        escaped(text);
        if (!error_.empty()) return {};
      } else {
        text += c;
      }
    }
    return text;
  }

  void escaped(std::string& text) {
    constexpr std::string_view letters = "btnfr\"\\", meant = "\b\t\n\f\r\"\\";
    const char c = front();
    if (left_.empty()) return;
    left_.remove_prefix(1);
    if (const auto at = letters.find(c); at != std::string_view::npos) {
      text += meant[at];
      return;
    }
    const std::size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    bool sound = digits != 0 && left_.size() >= digits;
    for (std::size_t i = 0; sound && i < digits; ++i) {
      constexpr std::string_view hex = "0123456789abcdefABCDEF";
      const auto digit = hex.find(left_[i]);
      sound = digit != std::string_view::npos;
      constexpr std::size_t lower = 16, to_lower = 6;
      code = code * 16 + static_cast<std::uint32_t>(digit >= lower ? digit - to_lower : digit);
    }
    const bool scalar = code != 0 && (code < 0xD800U || code > 0xDFFFU) && code <= 0x10FFFFU;
    if (!sound || !scalar) return fail("unknown escape; a text in '…' has none");
    left_.remove_prefix(digits);
    append_utf8(text, code);
  }

  std::string_view left_;
  unsigned line_ = 1;
  std::string section_, error_;
  std::vector<ConfigEntry> entries_;
};

}  // namespace

tl::expected<std::vector<ConfigEntry>, std::string> read_config(std::string_view text) {
  return ConfigReader(text).run();
}

}  // namespace hfaudit::cli
