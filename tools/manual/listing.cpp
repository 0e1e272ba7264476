#include "manual/listing.hpp"

#include <array>
#include <variant>

#include "base/format.hpp"
#include "options/parser.hpp"
#include "options/table.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::array kind_names{"flag",    "text",  "file",    "directory", "repo",
                                "pattern", "user",  "target",  "finding",   "choice",
                                "number",  "bytes", "duration"};

std::string line_of(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields)
    line += (line.empty() ? "" : "\t") + field;
  return line + "\n";
}

std::string text_of(bool value) {
  return value ? "true" : "false";
}
std::string text_of(std::uint64_t value) {
  return std::to_string(value);
}
std::string text_of(Milliseconds value) {
  return std::to_string(value.count());
}
std::string text_of(const std::string& value) {
  return value;
}
std::string text_of(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values)
    text += (text.empty() ? "" : "\t") + value;
  return text;
}

}  // namespace

std::string table_listing() {
  std::string text;
  for (const CommandRow& row : command_table) {
    for (const Option& option : option_table) {
      if (!option.commands.has(row.command)) continue;
      text += line_of({std::string(row.name), std::string(main_name(option)),
                       kind_names[static_cast<std::size_t>(option.kind)],
                       std::string(option.choices), std::string(option.initial),
                       std::string(option.example), std::to_string(option.bounds.least),
                       std::to_string(option.bounds.most), option.repeatable ? "repeatable" : "-",
                       std::string(option.separator == '\0' ? 0 : 1, option.separator),
                       std::string(option.excludes), variable_of(option),
                       std::string(key_of(option)), is_setting(option) ? "setting" : "-",
                       decides_location(option) ? "location" : "-"});
    }
  }
  return text;
}

std::string arguments_listing(const std::vector<std::string>& words) {
  const auto parsed = parse_command_line(words);
  if (const auto* answer = std::get_if<Answer>(&parsed)) return line_of({"error", answer->error});
  const auto& arguments = std::get<Arguments>(parsed);
  std::string text;
  for (const auto& [name, value] : arguments.values()) {
    const std::string texts = std::visit([](const auto& one) { return text_of(one); }, value);
    text += line_of({std::string(name), std::to_string(value.index()), texts});
  }
  for (const std::string& note : arguments.notes)
    text += line_of({"note", note});
  return text;
}

}  // namespace hfaudit::cli
