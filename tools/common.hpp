// What the commands share: options that mean the same everywhere, messages, and where a report goes.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"

namespace CLI {
class App;
}

namespace hfaudit::cli {

// Exit codes that are no verdict; those that are come from exit_code_for().
inline constexpr int kUsage = 2;
inline constexpr int kIncomplete = 3;

// What to look at, as the command line says it.
struct WhatOptions {
  std::vector<std::string> repos, include, exclude;
  std::string repo_type = "model";
  std::optional<std::string> revision, cache_dir, hf_home, local_dir, owner;
  unsigned jobs = 0;
  bool online = false;
};
void add_what_options(CLI::App& command, WhatOptions& options);
// Those that a pull has too: all but --online and --jobs.
void add_repo_options(CLI::App& command, WhatOptions& options);
// A whole number from `least` to `most`.
struct Bounds {
  unsigned least = 0, most = 1024;
};
void add_number(CLI::App& command, const std::string& name, unsigned& value, Bounds bounds,
                const std::string& help);
// "200M" a second, as of --max-rate.
void add_rate(CLI::App& command, std::uint64_t& value, const std::string& help);
// A REPO of the command line or of a list. Errors: usage.
[[nodiscard]] Result<RepoRequest> repo_of(const std::string& text, RepoType fallback);
// Errors: usage.
[[nodiscard]] Result<AuditRequest> request_of(const WhatOptions& options);
[[nodiscard]] Layout layout_of(const WhatOptions& options);

// How to say what was found.
struct ReportOptions {
  std::string format = "text", color = "auto", fail_on = "error";
  std::optional<std::string> output;
  bool quiet = false, verbose = false;
  bool begun = false;  // LiveEvents::begun()
};
void add_report_options(CLI::App& command, ReportOptions& options);
[[nodiscard]] FailOn fail_on_of(const ReportOptions& options);

// What a report says of itself before anything was looked at.
[[nodiscard]] Report asked_report(std::string command, const AuditRequest& request, const Layout& layout);

// Events as they happen, for programs: with --format ndjson and no --output, on standard output.
class LiveEvents {
 public:
  // `asked`: command, host, places and time.
  LiveEvents(Report asked, const ReportOptions& options);
  [[nodiscard]] bool on() const { return on_; }
  [[nodiscard]] bool begun() const { return begun_; }         // the report's first line is out already
  void progress(const ProgressEvent& event);                  // once a second at most
  void line(const std::function<void(const Sink&)>& render);  // likewise, for what has its own form

 private:
  Report asked_;
  bool on_, begun_ = false;
  std::chrono::steady_clock::time_point next_;
};

// 2 where there is no such cache or repo; 3 where the system refused to look.
[[nodiscard]] int code_of(const Error& error);

// Prints the report where it belongs. Returns `code`, or what outweighs it where the report could not be written.
[[nodiscard]] int deliver(const Report& report, const ReportOptions& options, int code);

// How a command ends: prints its report, or why there is none. Returns the exit code; 130 or 143 once a signal has
// come.
[[nodiscard]] int end_with(const Result<Report>& report, const ReportOptions& options,
                           const LiveEvents* events = nullptr);

// One line on standard error: "hfaudit: …". `text` may hold any bytes.
void complain(std::string_view text);
void complain(const Error& error);

// Writes `text` to standard output; 0, or kIncomplete where that failed.
[[nodiscard]] int print(std::string_view text);

}  // namespace hfaudit::cli
