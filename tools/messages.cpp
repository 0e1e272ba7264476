#include "messages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "base/format.hpp"
#include "hfaudit/render.hpp"
#include "os/access.hpp"
#include "os/output.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {

void print_error(std::string_view text) {
  end_status();
  // fmt::print would throw where standard error is closed.
  std::fputs(("hfaudit: " + printable(text) + "\n").c_str(), stderr);
}

std::string message_of(const Error& error) {
  const bool denied = error.cause == os::denied_in_words();
  const auto words = denied ? os::access_in_words(error.subject) : std::string();
  return formatted("cannot {} {}: {}{}", error.operation, error.subject, error.cause,
                   words.empty() ? words : " (" + words + ")");
}

void print_error(const Error& error) {
  print_error(message_of(error));
}

ExitCode exit_code_for(const Error& error) {
  const bool usage = error.code == 0 || error.code == ENOENT || error.code == ENOTDIR;
  return usage ? ExitCode::usage : ExitCode::incomplete;
}

ExitCode usage_error(const Error& error) {
  print_error(error);
  return ExitCode::usage;
}

ExitCode usage_error(std::string_view text) {
  print_error(text);
  return ExitCode::usage;
}

ExitCode print_refusals(const std::vector<RepoRefusal>& refused) {
  ExitCode code = ExitCode::ok;
  for (const RepoRefusal& one : refused) {
    print_error(one.why);
    code = std::max(code, one.code);
  }
  return code;
}

ExitCode code_of_failure(const Error& error) {
  return error.code == EILSEQ ? ExitCode::damage : ExitCode::incomplete;
}

ExitCode print(std::string_view text) {
  os::Writer out{os::standard_output, "standard output"};
  out.write(text);
  auto written = out.flush();
  if (written) return ExitCode::ok;
  if (is_worth_printing(written.error())) print_error(written.error());
  return ExitCode::incomplete;
}

bool is_worth_printing(const Error& error) {
  return error.code != EPIPE;
}

}  // namespace hfaudit::cli
