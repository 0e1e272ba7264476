// The table of options: every row, in the order of `--help`, and of the commands that take them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "options/completion.hpp"
#include "options/export.hpp"
#include "options/operations.hpp"
#include "options/option.hpp"
#include "options/preflight.hpp"
#include "options/proofs.hpp"
#include "options/report.hpp"
#include "options/selection.hpp"
#include "options/transfer.hpp"
#include "options/work.hpp"

namespace hfaudit::cli {

struct CommandRow {
  Command command;
  std::string_view name;
  std::string_view help;      // of `hfaudit --help`
  std::string_view footer{};  // of `hfaudit NAME --help`; empty: the exit codes
  std::string_view page{};    // the title of its options in its man page; empty without a page
};

// Commands in `hfaudit NAME --help`, in the order of Command.
inline constexpr std::array<std::array<std::string_view, 3>, command_count> example_table{{
    {"hfaudit scan", "hfaudit scan acme/six datasets/acme/d@v1",
     "hfaudit scan --format json --output report.json"},
    {"hfaudit verify", "hfaudit verify acme/six --max-rate 200M", "hfaudit verify --max-age 7d"},
    {"hfaudit scrub", "hfaudit scrub --max-age 30d --max-duration 4h",
     "hfaudit scrub --max-rate 100M --ledger /srv/hfaudit"},
    {"hfaudit repair", "hfaudit repair acme/six --dry-run", "hfaudit repair --verify"},
    {"hfaudit pull acme/six", "hfaudit pull acme/six config.json tokenizer.json",
     "hfaudit pull acme/six@v1 --include '*.safetensors' --local-dir six"},
    {"hfaudit watch acme/six", "hfaudit watch datasets/acme/d", "hfaudit watch --local-dir six"},
    {"hfaudit merge node-1.json node-2.json",
     "hfaudit merge node-*.json --format html --output nodes.html",
     "ssh node2 hfaudit scan --format json | hfaudit merge node-1.json -"},
    {"hfaudit preflight acme/six", "hfaudit preflight acme/six -- vllm serve acme/six",
     "hfaudit preflight acme/six --for transformers --wait 2h --repair"},
    {"hfaudit explain", "hfaudit explain incomplete-download",
     "hfaudit explain stale-lock idle-lock"},
    {"hfaudit lock acme/six --output models.lock", "hfaudit lock --update --output models.lock",
     "hfaudit lock acme/six --format sha256sum"},
    {"source <(hfaudit completion bash)", "hfaudit completion fish | source",
     "hfaudit completion zsh > ~/.zfunc/_hfaudit"},
    {"hfaudit export acme/six --output six.tar",
     "hfaudit export acme/six | ssh node2 tar -x -C /srv/hf/hub",
     "hfaudit export acme/six@v1 datasets/acme/d --output both.tar"},
}};

// In the order of Command.
inline constexpr std::array<CommandRow, command_count> command_table{{
    {Command::scan, "scan", "Check the cache for incomplete or damaged repos", {}, "Lock files"},
    {Command::verify, "verify", "Scan, then verify the content by its checksums", {}, "Reading"},
    {Command::scrub, "scrub",
     "Verify content whose last proof is too old, oldest first; resumes where it stopped",
     "Made for a timer: gentle, and safe to interrupt. More in hfaudit-scrub(1).", "Reading"},
    {Command::repair, "repair",
     "Fix the cache: re-download what is missing or corrupt, remove leftovers",
     "Only content that is proven useless is removed. More in hfaudit-repair(1).", "Repair"},
    {Command::pull, "pull", "Download repos (resumable), then verify every file",
     "hf-pull is an alias, with the same options. More in hfaudit-pull(1).", "Download"},
    {Command::watch,
     "watch",
     "Show the progress of a download by any client, then the verdict",
     {},
     "Times"},
    {Command::merge, "merge", "Combine several JSON reports into one", {}, "Merge"},
    {Command::preflight, "preflight", "Run a command only if its models are complete",
     "hfaudit preflight REPO... [-- CMD ARG...]; without CMD it is a readiness check. More in "
     "hfaudit-preflight(1).",
     "Requirements"},
    {Command::explain, "explain", "Explain a finding: cause, remedy, example"},
    {Command::lock, "lock", "Write a lock file: the commits and files here, with their checksums",
     "hfaudit scan, verify, pull, repair and preflight take it with --locked. More in "
     "hfaudit-lock(1).",
     "Lock files"},
    {Command::completion, "completion", "Print the completions for bash, zsh or fish",
     "bash: source <(hfaudit completion bash); fish: hfaudit completion fish | source; zsh: as "
     "bash, after compinit. More in hfaudit(1)."},
    {Command::export_repos, "export", "Write repos as a tar archive: a cache for another machine",
     "hfaudit export acme/six | ssh HOST tar -x -C HUB; HOST needs no hfaudit. More in "
     "hfaudit-export(1).",
     "Archive"},
}};
[[nodiscard]] constexpr const CommandRow& row_of(Command command) {
  return command_table[static_cast<std::size_t>(command)];
}

// The heading of the options of a group, in `--help` and in the man page.
[[nodiscard]] constexpr std::string_view title_of(Command command, Group group) {
  const std::string_view own = row_of(command).page;
  switch (group) {
    case Group::arguments:
      return "Arguments";
    case Group::selection:
      return "Selection";
    case Group::work:
      return own.empty() ? "Options" : own;
    case Group::transfer:
      return "Transfer";
    case Group::report:
      return "Report";
    case Group::general:
      return "General";
  }
  return {};
}

template <std::size_t... counts>
[[nodiscard]] constexpr auto joined(const Option (&... groups)[counts]) {
  std::array<Option, (counts + ...)> all{};
  auto at = all.begin();
  ((at = std::copy(std::begin(groups), std::end(groups), at)), ...);
  return all;
}
inline constexpr auto option_table =
    joined(selection_options, verify_options, ledger_options, repair_options, pull_options,
           preflight_options, watch_options, transfer_options, lock_options, completion_options,
           export_options, report_options, operations_options, general_options);

// The row of that name, or nullptr. An option that does something else in another command has a row
// for each; the rows of one name agree on the type of the value.
[[nodiscard]] constexpr const Option* find_option(std::string_view name) {
  for (const Option& option : option_table) {
    if (main_name(option) == name) return &option;
  }
  return nullptr;
}

// All rows are consistent in themselves and with each other; checked in parser.cpp.
[[nodiscard]] constexpr bool rows_are_sound() {
  std::array<std::string_view, option_table.size()> names{};  // compilers count the steps
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = main_name(option_table[i]);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Option& a = option_table[i];
    const bool takes_value = a.kind != Kind::flag;
    if (a.commands == CommandSet{} || a.help.empty()) return false;
    if (!is_argument(a) && a.manual.empty()) return false;
    if (!is_argument(a) && takes_value == (a.value.empty() && a.choices.empty())) return false;
    if (a.kind == Kind::choice && a.choices.empty()) return false;
    if ((a.kind == Kind::bytes || a.kind == Kind::duration) && a.example.empty()) return false;
    if (!a.excludes.empty() && find_option(a.excludes) == nullptr) return false;
    for (std::size_t j = 0; j < names.size(); ++j) {
      const Option& b = option_table[j];
      if (i == j || names[i] != names[j]) continue;
      const bool same_type = a.kind == b.kind && a.repeatable == b.repeatable &&
                             a.initial.empty() == b.initial.empty();
      if (a.commands.overlaps(b.commands) || !same_type) return false;
    }
  }
  return true;
}

}  // namespace hfaudit::cli
