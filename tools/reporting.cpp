#include "reporting.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "base/format.hpp"
#include "messages.hpp"
#include "os/output.hpp"
#include "os/privilege.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

FailOn fail_on_of(std::string_view text) {
  if (text == "never") return FailOn::never;
  return text == "warning" ? FailOn::warning : FailOn::error;
}

bool wants_color(const ReportOptions& options) {
  if (options.color != "auto") return options.color == "always";
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  if (!variable("NO_COLOR").empty()) return false;
  for (const char* force : {"FORCE_COLOR", "CLICOLOR_FORCE"}) {
    const auto value = variable(force);
    if (!value.empty() && value != "0" && value != "false") return true;
  }
  return os::is_terminal(os::standard_output) && variable("TERM") != "dumb" &&
         variable("CLICOLOR") != "0";
}

void render(const Report& report, const ReportOptions& options, const TextStyle& style,
            ExitCode code, const Sink& out) {
  if (options.format == "json") {
    render_json(report, code, out);
  } else if (options.format == "ndjson") {
    if (!options.started) render_ndjson_start(report, out);
    render_ndjson_rest(report, code, out);
  } else if (options.format == "html") {
    render_html(report, code, out);
  } else {
    render_text(report, style, code, out);
  }
}

int verbosity_of(const ReportOptions& options) {
  if (options.quiet) return -1;
  return options.verbose ? 1 : 0;
}

Result<void> write_file(const Report& report, const ReportOptions& options, ExitCode code) {
  const auto write = [&](os::OutputFile& file) {
    const TextStyle plain{false, 0, verbosity_of(options)};
    render(report, options, plain, code, [&file](std::string_view bytes) { file.write(bytes); });
    return file.commit();
  };
  if (options.opened) return write(*options.opened);
  auto file = os::OutputFile::create(*options.output);
  if (!file) return tl::unexpected(file.error());
  return write(*file);
}

}  // namespace

ReportOptions report_options_of(const Arguments& arguments) {
  ReportOptions options;
  options.format = arguments.get<"--format">();
  options.color = arguments.get<"--color">();
  options.fail_on = fail_on_of(arguments.get<"--fail-on">());
  options.output = arguments.get<"--output">();
  options.quiet = arguments.get<"--quiet">();
  options.verbose = arguments.get<"--verbose">();
  // a repair by root becomes the cache's user
  if (arguments.command() == Command::repair && options.to_file() && os::is_root()) {
    if (auto file = os::OutputFile::open_as_root(*options.output))
      options.opened = std::make_shared<os::OutputFile>(*std::move(file));
  }
  options.metrics = MetricsFile::of(arguments);
  return options;
}

Result<void> check_report_options(const Arguments& arguments) {
  const auto since = arguments.get<"--since">(), metrics = arguments.get<"--metrics">();
  if (arguments.get<"--only-new">() && !since)
    return failure("use", "--only-new", "it needs --since: the report to compare with");
  if (arguments.get<"--metrics-per-repo">() && !metrics)
    return failure("use", "--metrics-per-repo", "it needs --metrics: the file to write");
  if (const auto option = MetricsFile::conflicting_option(arguments); !option.empty())
    return failure("use --metrics", *metrics, formatted("{} names the same file", option));
  return {};
}

Report asked_report(std::string_view command, const AuditRequest& request, const Layout& layout) {
  Report asked;
  asked.command = command;
  asked.host = host_name();
  asked.started_at = std::time(nullptr);
  for (const RepoRequest& one : request.repos)
    asked.asked.repos.push_back(one.name());
  asked.asked.include = request.include;
  asked.asked.exclude = request.exclude;
  asked.asked.locked = request.locked_path;
  if (request.local_dir) return asked;
  asked.hf_home = layout.hf_home.path;
  asked.hub_cache = layout.hub_cache.path;
  if (request.whole_home) asked.xet_cache = layout.xet_cache.path;
  return asked;
}

LiveEvents::LiveEvents(Report asked, const ReportOptions& options)
    : asked_(std::move(asked)),
      on_(options.format == "ndjson" && !options.to_file() && !options.quiet),
      next_(std::chrono::steady_clock::now() + std::chrono::seconds(1)) {}

void LiveEvents::progress(const ProgressEvent& event) {
  line([&event](const Sink& sink) { render_progress(event, sink); });
}

void LiveEvents::line(const std::function<void(const Sink&)>& render) {
  const auto now = std::chrono::steady_clock::now();
  if (!on_ || now < next_) return;
  next_ = now + std::chrono::seconds(1);
  os::Writer out{os::standard_output, "standard output"};
  const Sink sink = [&out](std::string_view bytes) { out.write(bytes); };
  if (!started_) render_ndjson_start(asked_, sink);
  started_ = true;
  render(sink);
  if (out.flush()) return;
  on_ = false;
  stop_work();  // the report will fail too, with a message
}

ExitCode write_report(const Report& report, const ReportOptions& options, ExitCode code) {
  const ExitCode failed = std::max(code, ExitCode::incomplete);
  ExitCode result = code;
  ReportOptions shown = options;
  if (options.to_file()) {
    shown.format = "text";
    if (auto written = write_file(report, options, code); !written) {
      print_error(written.error());
      result = failed;
    }
  }
  const TextStyle style{wants_color(options), os::terminal_columns(os::standard_output),
                        verbosity_of(options)};
  os::Writer out{os::standard_output, "standard output"};
  render(report, shown, style, code, [&out](std::string_view bytes) { out.write(bytes); });
  if (auto written = out.flush(); !written) {
    if (is_worth_printing(written.error())) print_error(written.error());
    result = failed;
  }
  return options.metrics ? options.metrics->write(report, result) : result;
}

ExitCode fail(const Error& error, ExitCode code, const ReportOptions& options) {
  return fail(message_of(error), code, options);
}

ExitCode fail(const std::string& message, ExitCode code, const ReportOptions& options) {
  print_error(message);
  if (options.metrics) code = options.metrics->write_failure(code);
  const bool for_programs = options.format == "json" || options.format == "ndjson";
  if (!for_programs || options.to_file()) return code;
  std::string text;
  render_error(printable(message), code, [&](std::string_view bytes) { text += bytes; });
  (void)print(text);
  return code;
}

ExitCode finish_command(const Result<Report>& report, const ReportOptions& options,
                        const LiveEvents* events) {
  if (!report)
    return fail(report.error(), code_after_signals(exit_code_for(report.error())), options);
  ReportOptions shown = options;
  shown.started = events != nullptr && events->started();
  return write_report(*report, shown,
                      code_after_signals(hfaudit::exit_code_for(*report, options.fail_on)));
}

}  // namespace hfaudit::cli
