// hfaudit lock: which files of which commits are approved, to the byte.
#include "hfaudit/lock.hpp"

#include <algorithm>
#include <string>

#include "commands.hpp"
#include "messages.hpp"
#include "os/output.hpp"
#include "requests.hpp"
#include "signals.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {
namespace {

ExitCode write(const std::optional<std::string>& path, const std::string& text) {
  if (!path || *path == "-") return print(text);
  auto file = os::OutputFile::create(*path);
  if (file) {
    file->write(text);
    if (auto written = file->commit(); written)
      return ExitCode::ok;
    else
      print_error(written.error());
  } else {
    print_error(file.error());
  }
  return ExitCode::incomplete;
}

Result<std::string> text_of(const Arguments& arguments, const LockedRepos& locked) {
  if (arguments.get<"--format">() == "json") return format_lock(locked);
  return format_sha256sum(layout_of(arguments), locked);
}

ExitCode finish(const Arguments& arguments, const LockAttempt& attempt) {
  if (const auto code = print_refusals(attempt.refused); code != ExitCode::ok) return code;
  const auto text = text_of(arguments, attempt.locked);
  if (text) return write(arguments.get<"--output">(), *text);
  print_error(text.error());
  return code_of_failure(text.error());
}

bool is_asked(const AuditRequest& request, const LockedRepo& repo) {
  return request.repos.empty() ||
         std::any_of(request.repos.begin(), request.repos.end(), [&](const RepoRequest& asked) {
           return asked.repo == repo.repo &&
                  asked.revision.value_or(repo.revision) == repo.revision;
         });
}

ExitCode update(const Arguments& arguments, const AuditRequest& request,
                const std::stop_token& stop) {
  const auto path = arguments.get<"--output">();
  if (!path) return usage_error("--update needs --output FILE, the lock file to update");
  const auto before = read_lock(*path);
  if (!before) return usage_error(before.error());
  LockedRepos asked, others;
  for (const auto& repo : before->repos)
    (is_asked(request, repo) ? asked : others).repos.push_back(repo);
  if (asked.repos.empty()) return usage_error("the lock file has none of these repos");
  auto attempt = [&] {
    const StatusLine status(false, "asking the Hub");
    return update_lock(layout_of(arguments), asked, stop);
  }();
  if (!attempt) return usage_error(attempt.error());
  std::string text;
  for (const auto& line : changes_between(asked, attempt->locked))
    text += line + "\n";
  if (const auto code = print_refusals(attempt->refused); code != ExitCode::ok) return code;
  if (text.empty()) return print("Nothing has changed.\n");
  if (const auto printed = print(text); printed != ExitCode::ok) return printed;
  auto& repos = attempt->locked.repos;
  repos.insert(repos.end(), others.repos.begin(), others.repos.end());
  sort(attempt->locked);
  return write(path, format_lock(attempt->locked));
}

}  // namespace

ExitCode run_lock(const Arguments& arguments) {
  const auto request = audit_request_of(arguments);
  if (!request) return usage_error(request.error());
  const auto stop = catch_signals();
  if (arguments.get<"--update">()) return code_after_signals(update(arguments, *request, stop));
  if (request->repos.empty()) return usage_error("no repo given: hfaudit lock org/name");
  const auto attempt = [&] {
    const StatusLine status(false, "scanning");
    return make_lock(layout_of(arguments), *request, stop);
  }();
  if (!attempt) {
    print_error(attempt.error());
    return code_after_signals(exit_code_for(attempt.error()));
  }
  return code_after_signals(finish(arguments, *attempt));
}

}  // namespace hfaudit::cli
