#include "common.hpp"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "base/format.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/units.hpp"
#include "os/output.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

// An option with a value, which must not be empty: `--cache-dir "$UNSET"` is a slip, not a wish for the default.
void add_text(CLI::App& command, const std::string& name, std::optional<std::string>& value,
              const std::string& kind, const std::string& help) {
  const auto take = [&value, name](const std::string& text) {
    if (text.empty()) throw CLI::ValidationError(name, "the value is empty");
    value = text;
  };
  command.add_option_function<std::string>(name, take, help)->type_name(kind)->take_last();
}

// One pattern a flag, as the Hub's client has it: what follows is a REPO again.
void add_patterns(CLI::App& command, const std::string& name, std::vector<std::string>& patterns,
                  const std::string& help) {
  command.add_option(name, patterns, help)->type_name("PATTERN")->allow_extra_args(false)->take_all();
}

void add_choice(CLI::App& command, const std::string& name, std::string& value, std::vector<std::string> choices,
                const std::string& help) {
  std::string kind;
  for (const std::string& choice : choices)
    kind += (kind.empty() ? "" : "|") + choice;
  const auto check = [choices = std::move(choices), kind](const std::string& text) {
    const bool known = std::find(choices.begin(), choices.end(), text) != choices.end();
    return known ? std::string() : formatted("{} is none of {}", printable(text), kind);
  };
  command.add_option(name, value, help)->type_name(kind)->check(CLI::Validator(check, ""))->take_last();
}

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool wants_color(const ReportOptions& options) {
  if (options.color != "auto") return options.color == "always";
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  return os::is_terminal(os::kStandardOutput) && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

void render(const Report& report, const ReportOptions& options, const TextStyle& style, int number,
            const Sink& out) {
  const auto code = static_cast<ExitCode>(number);
  if (options.format == "json") {
    render_json(report, code, out);
  } else if (options.format == "ndjson") {
    if (!options.begun) render_ndjson_start(report, out);
    render_ndjson_rest(report, code, out);
  } else {
    render_text(report, style, code, out);
  }
}

Result<void> write_file(const std::string& path, const Report& report, const ReportOptions& options, int verbosity,
                        int code) {
  auto file = os::OutputFile::create(path);
  if (!file) return tl::unexpected(file.error());
  const TextStyle plain{false, 0, verbosity};
  render(report, options, plain, code, [&file](std::string_view bytes) { file->write(bytes); });
  return file->commit();
}

// A reader that has gone away (`| head`) knows that it did.
bool is_worth_a_word(const Error& error) {
  return error.code != EPIPE;
}

}  // namespace

void add_number(CLI::App& command, const std::string& name, unsigned& value, Bounds bounds,
                const std::string& help) {
  const auto take = [&value, name, bounds](const std::string& text) {
    const char* end = text.data() + text.size();
    unsigned number = 0;
    const auto parsed = std::from_chars(text.data(), end, number);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
    if (!whole || number < bounds.least || number > bounds.most) {
      throw CLI::ValidationError(
          name, formatted("{} is no number from {} to {}", printable(text), bounds.least, bounds.most));
    }
    value = number;
  };
  command.add_option_function<std::string>(name, take, help)->type_name("N")->take_last();
}

void add_repo_options(CLI::App& command, WhatOptions& options) {
  command
      .add_option("REPO", options.repos,
                  "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…; all of the cache "
                  "without one")
      ->type_name("");
  command.add_option("--repo-type,--type", options.repo_type, "The type of a REPO that names none")
      ->type_name("model|dataset|space|kernel");
  add_text(command, "--revision", options.revision, "REV", "The revision of a REPO that names none");
  add_patterns(command, "--include", options.include, "Expect only the files that match; may be repeated");
  add_patterns(command, "--exclude", options.exclude, "Do not expect the files that match; may be repeated");
  add_text(command, "--cache-dir", options.cache_dir, "DIR", "The hub cache; only it is looked at");
  add_text(command, "--hf-home", options.hf_home, "DIR", "The whole home: hub, xet, datasets, tokens");
  add_text(command, "--local-dir", options.local_dir, "DIR", "A folder that was downloaded to with --local-dir");
  add_text(command, "--owner", options.owner, "USER[:GROUP]",
           "Who must be able to use the cache; the owner of its folder by default");
}

void add_what_options(CLI::App& command, WhatOptions& options) {
  add_repo_options(command, options);
  command.add_flag("--online", options.online, "Compare with the Hub too, at the commits that are here");
  add_number(command, "--jobs", options.jobs, Bounds{}, "Threads; 0: as many as pay off");
}

Result<RepoRequest> repo_of(const std::string& text, RepoType fallback) {
  if (is_pattern(text)) return failure("use", text, "a REPO is no pattern; --include takes one pattern at a time");
  return parse_repo_request(text, fallback);
}

Result<AuditRequest> request_of(const WhatOptions& options) {
  const auto type = parse_repo_type(options.repo_type);
  if (!type) return failure("use --repo-type", options.repo_type, "it is none of model, dataset, space, kernel");
  if (options.revision && options.repos.empty()) {
    return failure("use --revision", *options.revision, "no REPO is named that it could be of");
  }
  if (options.local_dir && (options.cache_dir || options.hf_home)) {
    return failure("use --local-dir", *options.local_dir,
                   "it stands for itself, without --cache-dir and --hf-home");
  }
  if (options.local_dir && options.repos.size() > 1) {
    return failure("use --local-dir", *options.local_dir, "it holds one REPO");
  }

  AuditRequest request;
  for (const std::string& text : options.repos) {
    auto repo = repo_of(text, *type);
    if (!repo) return tl::unexpected(repo.error());
    if (options.revision && repo->revision && *repo->revision != *options.revision) {
      return failure("use --revision", *options.revision, text + " names another one");
    }
    if (options.revision) repo->revision = options.revision;
    request.repos.push_back(std::move(*repo));
  }
  request.include = options.include;
  request.exclude = options.exclude;
  request.local_dir = options.local_dir;
  request.owner = options.owner;
  request.jobs = options.jobs;
  request.online = options.online;
  // A hub cache somewhere else has no part in the home that the environment names.
  const bool hub_alone = options.cache_dir && !options.hf_home;
  request.whole_home = request.repos.empty() && !options.local_dir && !hub_alone;
  return request;
}

void add_rate(CLI::App& command, std::uint64_t& value, const std::string& help) {
  const auto take = [&value](const std::string& text) {
    const auto rate = parse_bytes(text);
    if (!rate || *rate == 0) throw CLI::ValidationError("--max-rate", printable(text) + " is no rate such as 200M");
    value = *rate;
  };
  command.add_option_function<std::string>("--max-rate", take, help)->type_name("BYTES")->take_last();
}

Layout layout_of(const WhatOptions& options) {
  return find_layout(system_environment(), {options.hf_home, options.cache_dir});
}

void add_report_options(CLI::App& command, ReportOptions& options) {
  add_choice(command, "--format", options.format, {"text", "json", "ndjson"}, "How the report is written");
  add_text(command, "--output", options.output, "FILE",
           "Write the report, in its format, to FILE; standard output gets the text");
  auto* quiet = command.add_flag("-q,--quiet", options.quiet, "Print the damage only; nothing where all is well");
  command.add_flag("-v,--verbose", options.verbose, "List healthy repos, and each finding by itself")
      ->excludes(quiet);
  add_choice(command, "--color", options.color, {"auto", "always", "never"}, "Colours; auto heeds NO_COLOR");
  add_choice(command, "--fail-on", options.fail_on, {"error", "warning", "never"},
             "The least that makes exit code 1");
}

FailOn fail_on_of(const ReportOptions& options) {
  if (options.fail_on == "never") return FailOn::never;
  return options.fail_on == "warning" ? FailOn::warning : FailOn::error;
}

Report asked_report(std::string command, const AuditRequest& request, const Layout& layout) {
  Report asked;
  asked.command = std::move(command);
  asked.host = host_name();
  asked.started_at = std::time(nullptr);
  for (const auto& [repo, revision] : request.repos)
    asked.asked.repos.push_back(revision ? repo.name() + "@" + *revision : repo.name());
  asked.asked.include = request.include;
  asked.asked.exclude = request.exclude;
  if (request.local_dir) return asked;
  asked.hf_home = layout.hf_home.path;
  asked.hub_cache = layout.hub_cache.path;
  if (request.whole_home) asked.xet_cache = layout.xet_cache.path;
  return asked;
}

LiveEvents::LiveEvents(Report asked, const ReportOptions& options)
    : asked_(std::move(asked)),
      on_(options.format == "ndjson" && (!options.output || *options.output == "-") && !options.quiet),
      next_(std::chrono::steady_clock::now() + std::chrono::seconds(1)) {}

void LiveEvents::progress(const ProgressEvent& event) {
  line([&event](const Sink& sink) { render_progress(event, sink); });
}

void LiveEvents::line(const std::function<void(const Sink&)>& render) {
  const auto now = std::chrono::steady_clock::now();
  if (!on_ || now < next_) return;
  next_ = now + std::chrono::seconds(1);
  os::Writer out{os::kStandardOutput, "standard output"};
  const Sink sink = [&out](std::string_view bytes) { out.write(bytes); };
  if (!begun_) render_ndjson_start(asked_, sink);
  begun_ = true;
  render(sink);
  if (out.flush()) return;
  on_ = false;
  stop_work();  // the report will fail too, and say why
}

int code_of(const Error& error) {
  const bool usage = error.code == 0 || error.code == ENOENT || error.code == ENOTDIR;
  return usage ? kUsage : kIncomplete;
}

int deliver(const Report& report, const ReportOptions& options, int code) {
  const int verbosity = options.quiet ? -1 : options.verbose ? 1 : 0;
  const int failed = std::max(code, kIncomplete);
  int result = code;
  const bool to_file = options.output && *options.output != "-";
  if (to_file) {
    if (auto written = write_file(*options.output, report, options, verbosity, code); !written) {
      complain(written.error());
      result = failed;
    }
  }
  ReportOptions shown = options;
  if (to_file) shown.format = "text";
  const TextStyle style{wants_color(options), os::terminal_columns(os::kStandardOutput), verbosity};
  os::Writer out{os::kStandardOutput, "standard output"};
  render(report, shown, style, code, [&out](std::string_view bytes) { out.write(bytes); });
  if (auto written = out.flush(); !written) {
    if (is_worth_a_word(written.error())) complain(written.error());
    result = failed;
  }
  return result;
}

int end_with(const Result<Report>& report, const ReportOptions& options, const LiveEvents* events) {
  if (!report) {
    complain(report.error());
    return code_after_signals(code_of(report.error()));
  }
  auto shown = options;
  shown.begun = events != nullptr && events->begun();
  return deliver(*report, shown, code_after_signals(to_int(exit_code_for(*report, fail_on_of(options)))));
}

void complain(std::string_view text) {
  // Not fmt::print, which throws where standard error is closed: then there is nobody to tell.
  std::fputs(("hfaudit: " + printable(text) + "\n").c_str(), stderr);
}

void complain(const Error& error) {
  complain(formatted("cannot {} {}: {}", error.operation, error.subject, error.cause));
}

int print(std::string_view text) {
  os::Writer out{os::kStandardOutput, "standard output"};
  out.write(text);
  auto written = out.flush();
  if (written) return 0;
  if (is_worth_a_word(written.error())) complain(written.error());
  return kIncomplete;
}

}  // namespace hfaudit::cli
