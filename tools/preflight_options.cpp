#include "preflight_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include "hfaudit/units.hpp"

namespace hfaudit::cli {
namespace {

using Get = decltype(Environment::get);

Result<bool> boolean(const std::string& name, std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto* word : {"1", "true", "yes", "on"}) {
    if (text == word) return true;
  }
  for (const auto* word : {"", "0", "false", "no", "off"}) {
    if (text == word) return false;
  }
  return failure("use", name, printable(text) + " is neither yes nor no");
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

void take_text(const Get& get, const char* name, std::string& value) {
  if (!value.empty()) return;
  if (auto given = get(name)) value = std::move(*given);
}

// Set but empty is not set, as a manifest's template leaves it.
void take_place(const Get& get, const char* name, std::optional<std::string>& value) {
  if (value) return;
  if (auto given = get(name); given && !given->empty()) value = std::move(*given);
}

void take_list(const Get& get, const char* name, std::vector<std::string>& value) {
  if (!value.empty()) return;
  if (const auto given = get(name)) value = words_of(*given);
}

}  // namespace

void add_preflight_options(CLI::App& command, PreflightOptions& options) {
  const CLI::Validator not_empty([](const std::string& text) { return text.empty() ? "the value is empty" : ""; },
                                 "");
  add_repo_options(command, options.what);
  command.add_option("--check", options.check, "metadata, structure [the default], sample or full")
      ->type_name("DEPTH")
      ->check(not_empty)
      ->take_last();
  command.add_option("--require", options.require, "A file that matches must be here; may be repeated")
      ->type_name("GLOB")
      ->check(not_empty)
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("--wait", options.wait, "Wait so long for somebody else's download: 90s, 10m, 2h")
      ->type_name("TIME")
      ->check(not_empty)
      ->take_last();
  command.add_flag("--strict", options.strict, "All files of the listing must be here, not a subset");
  command.add_flag("--repair", options.repair, "Download what is missing or wrong, one process at a time");
  command.add_flag("--online", options.online, "Ask the Hub too: is it there, is its gate open, is there room?");
  command.add_flag("--print-path", options.print_path, "Print the folder of each snapshot, a line each");
  add_pace_options(command, options.pace);
  add_report_options(command, options.report);
  // What this process may read it tries, and what blocks a start is fixed.
  for (const auto* name : {"--owner", "--fail-on"})
    command.remove_option(command.get_option(name));
}

Result<void> take_environment(PreflightOptions& options) {
  const auto get = system_environment().get;
  take_list(get, "HFAUDIT_REPO", options.what.repos);
  take_list(get, "HFAUDIT_REQUIRE", options.require);
  take_text(get, "HFAUDIT_CHECK", options.check);
  take_text(get, "HFAUDIT_WAIT", options.wait);
  take_place(get, "HFAUDIT_CACHE_DIR", options.what.cache_dir);
  take_place(get, "HFAUDIT_REVISION", options.what.revision);
  const std::array<std::pair<const char*, bool*>, 4> flags = {{{"HFAUDIT_STRICT", &options.strict},
                                                               {"HFAUDIT_REPAIR", &options.repair},
                                                               {"HFAUDIT_ONLINE", &options.online},
                                                               {"HFAUDIT_PRINT_PATH", &options.print_path}}};
  for (const auto& [name, flag] : flags) {
    const auto given = *flag ? std::nullopt : get(name);
    const auto value = given ? boolean(name, *given) : Result<bool>(*flag);
    if (!value) return tl::unexpected(value.error());
    *flag = *value;
  }
  if (!options.check.empty() && !parse_preflight_check(options.check))
    return failure("use", "--check (HFAUDIT_CHECK)",
                   printable(options.check) + " is none of metadata, structure, sample, full");
  if (!options.wait.empty() && !parse_duration(options.wait))
    return failure("use", "--wait (HFAUDIT_WAIT)", printable(options.wait) + " is no time such as 90s or 10m");
  return {};
}

Result<PreflightRequest> request_of(const PreflightOptions& options) {
  auto what = request_of(options.what);
  if (!what) return tl::unexpected(what.error());
  if (what->local_dir) return failure("use", "--local-dir", "a preflight is of what lies in the cache");
  if (what->repos.empty()) return failure("check", "nothing", "name a REPO, or set HFAUDIT_REPO");
  PreflightRequest request;
  request.what = std::move(*what);
  if (!options.check.empty()) request.check = parse_preflight_check(options.check).value_or(request.check);
  if (!options.wait.empty()) request.wait = parse_duration(options.wait).value_or(request.wait);
  request.require = options.require;
  request.strict = options.strict;
  request.repair = options.repair;
  request.online = options.online;
  request.tell_moved = options.report.verbose;
  request.download = download_options_of(options.pace);
  return request;
}

}  // namespace hfaudit::cli
