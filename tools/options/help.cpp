#include "options/help.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "options/table.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view program_text =
    "Check the Hugging Face cache for incomplete or corrupt models, and fix it.";
constexpr std::array<std::string_view, 3> program_examples{
    "hfaudit scan", "hfaudit repair acme/six", "hfaudit pull acme/six"};
constexpr std::string_view exit_codes_text =
    "Exit codes: 0 no damage, 1 damage, 2 usage error, 3 something could not be read or done, 4 "
    "refused by the Hub, 130 and 143 interrupted. More in hfaudit(1), hfaudit-findings(7).";
constexpr std::string_view settings_text =
    "Options also come from HFAUDIT_* variables and ~/.config/hfaudit/config.toml: hfaudit(1).";

// A line of "--help": a name and its meaning.
struct HelpEntry {
  std::string name, text;
};

// Columns on a terminal: characters, each of which is one column wide in the table.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string section(std::string_view title, const std::vector<HelpEntry>& entries,
                    std::size_t columns) {
  constexpr std::size_t widest_name = 30, narrowest_text = 40, gap = 2, margin = 2;
  std::size_t widest = 0;
  for (const HelpEntry& entry : entries)
    widest = std::max(widest, std::min(width_of(entry.name), widest_name));
  std::size_t indent = margin + widest + gap;
  if (columns > 0 && columns < indent + narrowest_text) indent = 3 * margin;
  std::string text = "\n" + std::string(title) + ":\n";
  for (const auto& [name, meaning] : entries) {
    const auto column = margin + width_of(name);
    text += "  " + name;
    if (column + gap <= indent) {
      text += std::string(indent - column, ' ');
    } else {
      text += columns == 0 ? std::string(gap, ' ') : "\n" + std::string(indent, ' ');
    }
    text += wrapped(meaning, indent, columns) + "\n";
  }
  return text;
}

std::string example_lines(const std::array<std::string_view, 3>& commands, std::size_t columns) {
  constexpr std::size_t margin = 2;
  std::string text = "\nExamples:\n";
  for (const std::string_view command : commands)
    text += "  " + wrapped(command, 2 * margin, columns, " \\") + "\n";
  return text;
}

HelpEntry entry_of(const Option& option, Command command) {
  HelpEntry entry{std::string(option.names), with_default(option, help_of(option, command))};
  if (is_argument(option)) {
    if (option.repeatable) entry.name += "...";
    return entry;
  }
  if (option.kind != Kind::flag)
    entry.name += " " + std::string(option.value.empty() ? option.choices : option.value);
  return entry;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns,
                    std::string_view broken) {
  if (columns > 0) columns -= std::min(columns, broken.size());
  std::string lines;
  std::size_t column = indent;
  for (bool first = true; !text.empty(); first = false) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    const auto width = width_of(word);
    if (!first && columns > 0 && column + 1 + width > columns) {
      lines += std::string(broken) + "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += width;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t text_columns(unsigned columns) {
  constexpr unsigned readable = 110;
  return std::min(columns, readable);
}

std::string help_of_program(unsigned columns) {
  const auto fit = text_columns(columns);
  std::vector<HelpEntry> commands, general;
  for (const CommandRow& row : command_table)
    commands.push_back({std::string(row.name), std::string(row.help)});
  for (const auto* name : {"--help", "--version"})
    general.push_back(entry_of(*find_option(name), Command::scan));
  return wrapped(program_text, 0, fit) + "\nUsage: hfaudit [OPTIONS] COMMAND\n" +
         section("Commands", commands, fit) + section("Options", general, fit) +
         example_lines(program_examples, fit) + "\n" + wrapped(settings_text, 0, fit) + "\n\n" +
         wrapped(exit_codes_text, 0, fit) + "\n";
}

std::string help_of_command(Command command, unsigned columns) {
  const auto fit = text_columns(columns);
  const CommandRow& row = row_of(command);
  std::string usage = "Usage: hfaudit " + std::string(row.name) + " [OPTIONS]", sections;
  for (const Group group : {Group::arguments, Group::work, Group::selection, Group::transfer,
                            Group::report, Group::general}) {
    std::vector<HelpEntry> entries;
    for (const Option& option : option_table) {
      if (!option.commands.has(command) || option.group != group) continue;
      entries.push_back(entry_of(option, command));
      if (group != Group::arguments) continue;
      const auto& name = entries.back().name;
      usage += option.required ? " " + name : " [" + name + "]";
    }
    if (entries.empty()) continue;
    sections += section(title_of(command, group), entries, fit);
  }
  if (command == Command::preflight) usage += " [-- CMD ARG...]";
  return wrapped(row.help, 0, fit) + "\n" + wrapped(usage, 2, fit) + "\n" + sections +
         example_lines(example_table[static_cast<std::size_t>(command)], fit) + "\n" +
         wrapped(row.footer.empty() ? exit_codes_text : row.footer, 0, fit) + "\n";
}

}  // namespace hfaudit::cli
