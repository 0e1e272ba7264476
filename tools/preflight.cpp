// hfaudit preflight: the gate before a server starts. Prints in a line why a repo fails, or becomes
// the server.
#include "hfaudit/preflight.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "base/format.hpp"
#include "commands.hpp"
#include "hfaudit/render.hpp"
#include "messages.hpp"
#include "os/output.hpp"
#include "os/program.hpp"
#include "pull_progress.hpp"
#include "report/progress/widgets.hpp"
#include "reporting.hpp"
#include "requests.hpp"
#include "run_command.hpp"
#include "signals.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {
namespace {

// Lines while others download: at once, and then every 30 seconds.
class WaitingLines {
 public:
  explicit WaitingLines(bool silent) : silent_(silent) {}

  void show(const RepoId& repo, std::uint64_t bytes, std::optional<std::uint64_t> total) {
    const auto now = Clock::now();
    if (silent_ || now < next_) return;
    constexpr auto report_interval = std::chrono::seconds(30);
    const std::string here =
        total ? human_bytes(bytes) + " of " + human_bytes(*total) : human_bytes(bytes);
    const std::string line = waiting_line(repo, "waiting for another download: " + here);
    end_status();
    os::write_if_ready(os::standard_error, with_time(line + " here\n"));
    next_ = now + report_interval;
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool silent_;
  Clock::time_point next_;
};

// `org/name:Q4_K_M`, as llama.cpp takes it: the repo, and a pattern for the file.
std::optional<std::string> take_quantization(std::string& repo) {
  const auto colon = repo.rfind(':');
  const auto slash = repo.find('/');
  const bool plain = colon != std::string::npos && slash != std::string::npos && slash < colon &&
                     repo.find(':') == colon && repo.find('/', slash + 1) == std::string::npos;
  if (!plain) return std::nullopt;
  std::string pattern = "*";
  for (std::size_t i = colon + 1; i < repo.size(); ++i) {
    const char c = repo[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    constexpr int to_other_case = 'a' - 'A';
    const char other =
        static_cast<char>(c >= 'a' && c <= 'z' ? c - to_other_case : c + to_other_case);
    pattern += letter ? std::string{'[', c, other, ']'} : std::string(1, c);
  }
  repo.resize(colon);
  return pattern + "*.gguf";
}

// The request, and the REPOs that are none.
struct GateRequest {
  PreflightRequest checked;
  std::vector<NotFound> invalid;
};

Result<GateRequest> gate_request_of(const Arguments& arguments) {
  std::optional<Loader> loader;
  if (const auto name = arguments.get<"--for">()) loader = parse_loader(*name);
  auto repos = arguments.get<"REPO">();
  std::vector<std::string> quantizations;
  for (auto& repo : repos) {
    if (loader != Loader::llama_cpp) break;
    if (auto pattern = take_quantization(repo)) quantizations.push_back(std::move(*pattern));
  }
  auto invalid = invalid_repos(arguments, repos);
  for (const NotFound& one : invalid)
    std::erase(repos, one.name);
  auto what = audit_request_of(arguments, repos);
  if (!what) return tl::unexpected<Error>(what.error());
  if (what->local_dir && arguments.get<"--repair">())
    return failure("use", "--repair",
                   "it works on a cache only; run hfaudit repair --local-dir first");
  PreflightRequest request;
  request.what = std::move(*what);
  request.check = parse_preflight_check(arguments.get<"--check">()).value_or(request.check);
  request.require = arguments.get<"--require">();
  request.loader = loader;
  request.require.insert(request.require.end(), quantizations.begin(), quantizations.end());
  request.strict = arguments.get<"--strict">();
  request.online = arguments.get<"--online">();
  request.mark_moved = arguments.get<"--verbose">();
  request.repair = arguments.get<"--repair">();
  request.wait = arguments.get<"--wait">();
  request.download = download_options_of(arguments);
  request.ledger = ledger_request_of(arguments);
  return GateRequest{std::move(request), std::move(invalid)};
}

Result<PreflightResult> check_repos(const PreflightRequest& request, const Layout& layout,
                                    bool silent, const std::stop_token& stop) {
  const StatusLine status(silent, request.online ? "scanning, and asking the Hub" : "scanning");
  WaitingLines waiting(silent);
  PullDisplay display(silent);
  PreflightEvents events;
  events.waiting = [&](const RepoId& repo, std::uint64_t bytes,
                       std::optional<std::uint64_t> total) { waiting.show(repo, bytes, total); };
  events.pulling = [&](const PullProgress& progress) { display.show(progress); };
  return hfaudit::preflight(layout, request, events, stop);
}

Result<PreflightResult> check_or_report(const PreflightRequest& request, const Layout& layout,
                                        bool silent, const std::stop_token& stop) {
  PreflightResult short_of;
  short_of.code = ExitCode::incomplete;
  try {
    return check_repos(request, layout, silent, stop);
  } catch (const std::bad_alloc& error) {
    short_of.report = report_shortage(asked_report("preflight", request.what, layout), error);
  } catch (const std::system_error& error) {
    short_of.report = report_shortage(asked_report("preflight", request.what, layout), error);
  }
  return short_of;
}

ExitCode print_paths(const PreflightResult& result) {
  std::string paths;
  for (const auto& admission : result.admissions)
    paths += admission.snapshot + "\n";
  return print(paths);
}

// For a log: which snapshots were admitted, and what begins now.
void print_passed(const PreflightResult& result, const std::vector<std::string>& command) {
  for (const auto& admission : result.admissions) {
    const std::string name = admission.repo.repo.id.empty() ? "" : admission.repo.name() + ": ";
    print_error(
        formatted("{}{}, {}", name, to_string(admission.verdict), printable(admission.snapshot)));
  }
  if (!command.empty()) print_error("starting " + command.front());
}

// `preflight acme/six vllm serve`: a command without the two dashes is read as repos, which are
// absent. Names of repos nearly always have a slash, those of programs do not.
std::string hint_of_dashes(const Arguments& arguments, const PreflightResult& result) {
  const auto words = arguments.get<"REPO">();
  if (!arguments.rest.empty() || words.size() != result.admissions.size()) return {};
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (result.admissions[i].pass) return {};
    if (words[i].find('/') != std::string::npos) continue;
    std::string command = "hfaudit preflight";
    for (std::size_t j = 0; j < words.size(); ++j)
      command += (j == i ? " -- " : " ") + words[j];
    return "to start a command, write -- before it: " + command;
  }
  return {};
}

// Returns only where the command failed to start.
ExitCode start(const std::vector<std::string>& command, bool offline) {
  release_signals();
  if (offline) {
    for (const char* name : {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"})
      ::setenv(name, "1", 1);
  }
  const ExitCode late = code_after_signals(ExitCode::ok);  // of a signal in the last instant
  if (late != ExitCode::ok) return late;
  const auto error = os::become_program(command, ignored_by_parent());
  print_error(error);
  return error.code == ENOENT ? ExitCode::not_found : ExitCode::not_runnable;
}

}  // namespace

ExitCode run_preflight(const Arguments& arguments) {
  const auto asked = gate_request_of(arguments);
  const ReportOptions options = report_options_of(arguments);
  if (!asked) return fail(asked.error(), ExitCode::usage, options);
  const PreflightRequest* request = &asked->checked;
  if (request->what.repos.empty() && !request->what.local_dir)
    return fail("no repo given: hfaudit preflight org/name, or HFAUDIT_REPO", ExitCode::usage,
                options);
  if (auto sound = check_report_options(arguments); !sound)
    return fail(sound.error(), ExitCode::usage, options);
  const bool reports = options.format != "text" || options.output;
  const bool prints_paths = arguments.get<"--print-path">();
  if (reports && prints_paths)
    return fail("--print-path excludes --format and --output", ExitCode::usage, options);

  const auto stop = catch_signals();
  auto result = check_or_report(*request, layout_of(arguments), options.quiet, stop);
  if (!result) return fail(result.error(), exit_code_for(result.error()), options);
  if (!asked->invalid.empty()) result->code = std::max(result->code, ExitCode::usage);
  for (const NotFound& one : asked->invalid) {
    print_error(Error{"use", one.name, one.cause, 0});
    result->report.not_found.push_back(one);
  }
  const ExitCode code = code_after_signals(result->code);
  const std::string hint = hint_of_dashes(arguments, *result);
  if (!hint.empty()) print_error(hint);
  for (const auto& admission : result->admissions) {
    if (!admission.note.empty()) print_error(admission.note);
    // the words of a command are no repos to download
    const bool of_command = !hint.empty() && admission.repo.repo.id.find('/') == std::string::npos;
    if (!admission.pass && !of_command && !stop.stop_requested()) print_error(admission.why);
  }
  if (reports) {
    if (const ExitCode written = write_report(result->report, options, code); written != code)
      return written;
  } else if (options.metrics) {
    if (const ExitCode written = options.metrics->write(result->report, code); written != code)
      return written;
  }
  if (code != ExitCode::ok) return code;
  if (arguments.get<"--verbose">()) print_passed(*result, arguments.rest);
  if (prints_paths) {
    if (const ExitCode printed = print_paths(*result); printed != ExitCode::ok) return printed;
  }
  return arguments.rest.empty() ? ExitCode::ok
                                : start(arguments.rest, arguments.get<"--offline-env">());
}

}  // namespace hfaudit::cli
