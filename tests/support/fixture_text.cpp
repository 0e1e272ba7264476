#include "fixture_text.hpp"

#include <cctype>
#include <charconv>
#include <stdexcept>

namespace hfaudit::fixture {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// How many braces of a JSON text are open at its end; strings are skipped.
int open_braces(std::string_view json, std::size_t* end = nullptr) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '}') {
      depth += c == '{' ? 1 : -1;
      if (depth == 0) {
        if (end != nullptr) *end = i + 1;
        return 0;
      }
    }
  }
  return depth;
}

// Takes the lines of the text one by one.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next(Line& line) {
    if (rest_.empty()) return false;
    const auto end = rest_.find('\n');
    line = {++number_, std::string(rest_.substr(0, end))};
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    const auto first = line.text.find_first_not_of(" \t");
    line.text.erase(0, first == std::string::npos ? line.text.size() : first);
    while (!line.text.empty() && (is_blank(line.text.back()) || line.text.back() == '\r'))
      line.text.pop_back();
    return true;
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

void finish_json(Lines& lines, Line& line) {
  const auto at = line.text.find("json{");
  if (at == std::string::npos) return;
  for (Line more; open_braces(std::string_view(line.text).substr(at)) > 0;) {
    if (!lines.next(more))
      throw std::runtime_error("line " + std::to_string(line.number) + ": json{ without an end");
    line.text += "\n" + more.text;
  }
}

class WordReader {
 public:
  WordReader(std::string_view line, const Variables& variables)
      : line_(line), variables_(variables) {}

  std::vector<std::string> split() {
    std::vector<std::string> words;
    for (;;) {
      while (at_ < line_.size() && is_blank(line_[at_]))
        ++at_;
      if (at_ == line_.size() || line_[at_] == '#') return words;
      words.push_back(line_.substr(at_, 5) == "json{" ? json() : word());
    }
  }

 private:
  std::string json() {
    std::size_t end = 0;
    if (open_braces(line_.substr(at_), &end) != 0) throw std::runtime_error("json{ without an end");
    const std::size_t stop = at_ + end;
    std::string out;
    while (at_ < stop)
      out += line_[at_] == '$' ? variable() : std::string(1, line_[at_++]);
    return out;
  }

  std::string word() {
    std::string out;
    for (bool quoted = false; at_ < line_.size() && (quoted || !is_blank(line_[at_]));) {
      const char c = line_[at_];
      if (c == '"') {
        quoted = !quoted;
        ++at_;
      } else if (c == '$') {
        out += variable();
      } else if (c == '\\' && quoted) {
        out += escape();
      } else {
        out += c;
        ++at_;
      }
    }
    return out;
  }

  std::string variable() {
    ++at_;
    const bool braced = at_ < line_.size() && line_[at_] == '{';
    if (braced) ++at_;
    const std::size_t start = at_;
    while (at_ < line_.size() &&
           (std::isalnum(static_cast<unsigned char>(line_[at_])) != 0 || line_[at_] == '_')) {
      ++at_;
    }
    const auto name = line_.substr(start, at_ - start);
    if (braced) ++at_;
    const auto found = variables_.find(name);
    if (found == variables_.end())
      throw std::runtime_error("unknown variable $" + std::string(name));
    return found->second;
  }

  char escape() {
    const char c = at_ + 1 < line_.size() ? line_[at_ + 1] : '\\';
    at_ += 2;
    if (c == 'n') return '\n';
    if (c == 't') return '\t';
    if (c == 'r') return '\r';
    if (c != 'x') return c;
    unsigned value = 0;
    if (at_ + 2 <= line_.size())
      std::from_chars(line_.data() + at_, line_.data() + at_ + 2, value, 16);
    at_ += 2;
    return static_cast<char>(value);
  }

  std::string_view line_;
  const Variables& variables_;
  std::size_t at_ = 0;
};

}  // namespace

CaseText split_case(std::string_view text) {
  constexpr std::string_view separator = "\n---\n";
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at + 1), text.substr(at + separator.size())};
}

std::vector<Statement> parse_statements(std::string_view text) {
  std::vector<Statement> statements;
  Lines lines(text);
  for (Line line; lines.next(line);) {
    if (line.text.empty() || line.text.front() == '#') continue;
    finish_json(lines, line);
    Statement statement{line, {}};
    if (statement.head.text.ends_with(" {")) {
      statement.head.text.resize(statement.head.text.size() - 2);
      for (Line inner;;) {
        if (!lines.next(inner))
          throw std::runtime_error("line " + std::to_string(line.number) + ": { without }");
        if (inner.text == "}") break;
        if (inner.text.empty() || inner.text.front() == '#') continue;
        finish_json(lines, inner);
        statement.block.push_back(inner);
      }
    }
    statements.push_back(std::move(statement));
  }
  return statements;
}

std::vector<std::string> split_words(std::string_view line, const Variables& variables) {
  return WordReader(line, variables).split();
}

std::uint64_t parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto power =
      unit.empty() ? 0U : static_cast<unsigned>(std::string_view("KMGT").find(unit) + 1) * 10U;
  if (error != std::errc{} || unit.size() > 1 || power > 40) {
    throw std::runtime_error("not a size: " + std::string(text));
  }
  return value << power;
}

std::int64_t parse_age(std::string_view text) {
  static constexpr std::string_view unit_names = "smhd";
  static constexpr std::int64_t unit_seconds[] = {1, 60, 3600, 86400};
  const auto unit = text.empty() ? std::string_view::npos : unit_names.find(text.back());
  if (text.size() < 3 || unit == std::string_view::npos || (text[0] != '-' && text[0] != '+')) {
    throw std::runtime_error("not an age such as -3d: " + std::string(text));
  }
  std::int64_t value = 0;
  std::from_chars(text.data() + 1, text.data() + text.size() - 1, value);
  return (text[0] == '-' ? -value : value) * unit_seconds[unit];
}

}  // namespace hfaudit::fixture
