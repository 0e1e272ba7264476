// A row of the table of options. From the rows come the parser (parser.cpp), `--help`, the
// defaults, the HFAUDIT_* variables and the keys of config.toml (settings.hpp), the OPTIONS and
// SYNOPSIS sections of the man pages (manual/), and the completions of shells (completion/).
//
// The rows are in selection.hpp, work.hpp and so on, in the order of `--help`; table.hpp joins
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hfaudit::cli {

enum class Command : std::uint8_t {
  scan,
  verify,
  scrub,
  repair,
  pull,
  watch,
  merge,
  preflight,
  explain,
  lock,
  completion,
  export_repos
};
inline constexpr unsigned command_count = 12;

// Some of the commands.
struct CommandSet {
  unsigned bits = 0;

  [[nodiscard]] constexpr bool has(Command command) const {
    return (bits >> static_cast<unsigned>(command) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool overlaps(CommandSet other) const { return (bits & other.bits) != 0; }
  constexpr bool operator==(const CommandSet&) const = default;
};
[[nodiscard]] constexpr CommandSet on(Command command) {
  return {1U << static_cast<unsigned>(command)};
}
[[nodiscard]] constexpr CommandSet operator|(CommandSet a, CommandSet b) {
  return {a.bits | b.bits};
}

inline constexpr CommandSet of_scan = on(Command::scan), of_verify = on(Command::verify),
                            of_scrub = on(Command::scrub), of_repair = on(Command::repair),
                            of_pull = on(Command::pull), of_watch = on(Command::watch),
                            of_merge = on(Command::merge), of_preflight = on(Command::preflight),
                            of_explain = on(Command::explain);
inline constexpr CommandSet of_lock = on(Command::lock);
inline constexpr CommandSet of_completion = on(Command::completion);
inline constexpr CommandSet of_export = on(Command::export_repos);
inline constexpr CommandSet audit_commands = of_scan | of_verify | of_scrub | of_repair | of_watch;
// they take --local-dir in place of the cache
inline constexpr CommandSet of_folder = audit_commands | of_pull | of_preflight | of_lock;
inline constexpr CommandSet of_cache = of_folder | of_export;  // they take REPOs
// they may download
inline constexpr CommandSet download_commands = of_repair | of_pull | of_preflight;
inline constexpr CommandSet all_commands{(1U << command_count) - 1};
// they print a report
inline constexpr CommandSet report_commands = audit_commands | of_pull | of_preflight | of_merge;

// The kind of a value decides its check, its type in a command and its completion.
enum class Kind : std::uint8_t {
  flag,       // without a value; a command gets bool
  text,       // a std::string, as are all below up to `choice`
  file,       // completes files
  directory,  // completes folders
  repo,       // completes the repos of the cache
  pattern,    // a glob
  user,       // USER[:GROUP]
  target,     // of a notification
  finding,    // the id of a finding
  choice,     // one of `choices`
  number,     // a whole number within `bounds`: std::uint64_t
  bytes,      // "200M", at least 1: std::uint64_t
  duration,   // "90s", "2h": std::chrono::milliseconds, at least bounds.least milliseconds
};

// A section of the man page.
enum class Group : std::uint8_t { arguments, selection, work, transfer, report, general };

struct Bounds {
  std::uint64_t least = 0, most = UINT64_MAX;
};

// For values that `Kind` does not restrict enough: why `text` is invalid, or empty.
using Check = std::string (*)(std::string_view text);

// Other texts for commands that use the option differently. Empty: those of the option.
struct Wording {
  CommandSet commands{};
  std::string_view help{}, manual{};
};

struct Option {
  // "-q,--quiet". The first name with two dashes is the one in messages and in Arguments::get().
  // Without dashes: an argument, such as "REPO".
  std::string_view names{};
  Kind kind = Kind::flag;
  CommandSet commands{};
  Group group = Group::work;
  // `{}` in the texts is the default.
  std::string_view help{};     // of `--help`, a line
  std::string_view manual{};   // of the man page, in mdoc(7); empty: left out of it
  std::string_view value{};    // the name of the value in `--help`; empty: the choices
  std::string_view choices{};  // "auto|always|never"
  std::string_view initial{};  // the default, as it would be typed; else empty
  std::string_view example{};  // of a number of bytes or a duration, for messages: "90s or 2h"
  Bounds bounds{};
  bool repeatable = false;  // std::vector<std::string>
  char separator = '\0';    // and between several in one value
  bool required = false;
  std::string_view excludes{};  // another option of the same commands
  Check check = nullptr;
  // Of an argument: the commands for which HFAUDIT_<NAME> stands in for it. An option has its
  // variable everywhere.
  CommandSet from_environment{};
  bool blank_separated = false;  // in its variable, blanks also separate values, as in 0.1
  // It decides a location that is read or written, although its kind leaves that open.
  bool location = false;
  Wording wordings[2]{};
};

// "--quiet", of "-q,--quiet".
[[nodiscard]] constexpr std::string_view main_name(const Option& option) {
  std::string_view names = option.names;
  const std::size_t dashes = names.find("--");
  if (dashes != std::string_view::npos) names.remove_prefix(dashes);
  return names.substr(0, names.find(','));
}
[[nodiscard]] constexpr bool is_argument(const Option& option) {
  return !option.names.starts_with('-');
}
// It may come from the environment or from config.toml.
[[nodiscard]] constexpr bool is_setting(const Option& option) {
  return !is_argument(option) && option.group != Group::general;
}
// It decides a location that is read or written: as root in another user's cache only the command
// line may set it.
[[nodiscard]] constexpr bool decides_location(const Option& option) {
  return option.location || option.kind == Kind::file || option.kind == Kind::directory ||
         option.kind == Kind::target || option.kind == Kind::user;
}
[[nodiscard]] constexpr std::string_view help_of(const Option& option, Command command) {
  for (const Wording& wording : option.wordings) {
    if (wording.commands.has(command) && !wording.help.empty()) return wording.help;
  }
  return option.help;
}
[[nodiscard]] constexpr std::string_view manual_of(const Option& option, Command command) {
  for (const Wording& wording : option.wordings) {
    if (wording.commands.has(command) && !wording.manual.empty()) return wording.manual;
  }
  return option.manual;
}
// "HFAUDIT_MAX_RATE", of --max-rate.
[[nodiscard]] std::string variable_of(const Option& option);
// "max-rate", of --max-rate: the key in config.toml.
[[nodiscard]] constexpr std::string_view key_of(const Option& option) {
  return main_name(option).substr(is_argument(option) ? 0 : 2);
}
// `text` with the default in place of each `{}`.
[[nodiscard]] std::string with_default(const Option& option, std::string_view text);

}  // namespace hfaudit::cli
