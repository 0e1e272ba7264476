// Parses the command line, runs the command, returns its exit code.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <variant>
#include <vector>

#include "commands.hpp"
#include "messages.hpp"
#include "options/parser.hpp"
#include "os/output.hpp"
#include "os/secrets.hpp"
#include "os/static_runtime.hpp"
#include "reporting.hpp"
#include "requests.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

ExitCode run_command_of(const Arguments& arguments) {
  switch (arguments.command()) {
    case Command::scan:
      return run_scan(arguments);
    case Command::verify:
      return run_verify(arguments);
    case Command::scrub:
      return run_scrub(arguments);
    case Command::repair:
      return run_repair(arguments);
    case Command::pull:
      return run_pull(arguments);
    case Command::watch:
      return run_watch(arguments);
    case Command::merge:
      return run_merge(arguments);
    case Command::preflight:
      return run_preflight(arguments);
    case Command::lock:
      return run_lock(arguments);
    case Command::export_repos:
      return run_export(arguments);
    case Command::explain:
      return run_explain(arguments);
    case Command::completion:
      return run_completion(arguments);
  }
  return ExitCode::usage;
}

ExitCode print_answer(const Answer& answer) {
  if (answer.code == ExitCode::ok) return print(answer.text);
  ReportOptions options;
  options.format = answer.for_programs ? "json" : "text";
  const ExitCode code = fail(answer.error, answer.code, options);
  std::fputs(answer.text.c_str(), stderr);
  return code;
}

ExitCode run(std::vector<std::string> words) {
  const auto parsed = parse_command_line(std::move(words));
  if (const auto* answer = std::get_if<Answer>(&parsed)) return print_answer(*answer);
  const auto& arguments = std::get<Arguments>(parsed);
  for (const std::string& note : arguments.notes)
    print_error(note);
  if (const auto path = unresolvable_path(arguments); !path.empty()) {
    const Error error{"resolve", path,
                      "the working directory was removed, and the path is relative", 0};
    if (!report_commands.has(arguments.command())) return usage_error(error);
    return fail(error, ExitCode::usage, report_options_of(arguments));
  }
  return run_command_of(arguments);
}

// The name of the program may stand for a command: `hf-pull` is `hfaudit pull`.
std::vector<std::string> words_of(const std::string& program, std::vector<std::string> words) {
  const std::string name = program.substr(program.rfind('/') + 1);
  if (name == "hf-pull") words.insert(words.begin(), "pull");
  return words;
}

}  // namespace
}  // namespace hfaudit::cli

int main(int argc, char** argv) {
  using namespace hfaudit;
  os::keep_standard_descriptors();
  os::keep_to_built_in_lookups();
  os::ignore_key_log();
  cli::set_own_signals();
  try {
    const std::string program = argc > 0 ? argv[0] : "";
    return to_int(cli::run(
        cli::words_of(program, std::vector<std::string>{argv + std::min(argc, 1), argv + argc})));
  } catch (const std::exception& error) {
    cli::print_error(std::string("internal error: ") + error.what());
    return to_int(ExitCode::incomplete);
  }
}
