// The text of a fixture taken apart: statements, and the words of a line. fixtures/README.md
// describes the format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hfaudit::fixture {

// The two parts of a case file, with a line `---` between them. A text without that line is a tree.
struct CaseText {
  std::string_view tree, expectation;
};

[[nodiscard]] CaseText split_case(std::string_view text);

struct Line {
  std::size_t number = 0;
  std::string text;
};

// One statement: its first line (with the lines that a `json{` in it spans), and the lines of its
// `{ … }` block.
struct Statement {
  Line head;
  std::vector<Line> block;
};

// Comments and empty lines are gone. Throws std::runtime_error for a block or a json{ that does not
// end.
[[nodiscard]] std::vector<Statement> parse_statements(std::string_view text);

using Variables = std::map<std::string, std::string, std::less<>>;

// Splits at blanks, replaces $NAME and ${NAME}, and reads "…" (with \n \t \" \\ \$ \xNN) anywhere
// in a word. A word that begins with json{ ends at its closing brace. Throws std::runtime_error for
// an unknown variable.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line,
                                                   const Variables& variables);

// "4096", "64K", "5G" (powers of 1024). Throws std::runtime_error.
[[nodiscard]] std::uint64_t parse_size(std::string_view text);
// "-3d", "+90s": seconds. Throws std::runtime_error.
[[nodiscard]] std::int64_t parse_age(std::string_view text);

}  // namespace hfaudit::fixture
