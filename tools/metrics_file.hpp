// --metrics: a file for the node exporter, written however the command ends once its command line
// is read.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "hfaudit/exit_code.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/report.hpp"
#include "options/arguments.hpp"
#include "os/output.hpp"

namespace hfaudit::cli {

class MetricsFile {
 public:
  // Null without --metrics, and where another option names the same file: its content has to stay.
  // The run begins now.
  [[nodiscard]] static std::shared_ptr<MetricsFile> of(const Arguments& arguments);

  // The option, as "--since", that names the file of --metrics; else empty.
  [[nodiscard]] static std::string_view conflicting_option(const Arguments& arguments);

  // Replaces the file. Returns `code`, or at least incomplete where that failed, with a message.
  [[nodiscard]] ExitCode write(const Report& report, ExitCode code);
  // The same for a run without a report.
  [[nodiscard]] ExitCode write_failure(ExitCode code);

 private:
  [[nodiscard]] RunFacts facts_now() const;
  [[nodiscard]] ExitCode replace(const std::string& text, ExitCode code);

  std::string path_;
  MetricsSeries series_ = MetricsSeries::cache;
  RunFacts facts_;
  std::chrono::steady_clock::time_point begun_;
  std::unique_ptr<os::OutputFile> opened_;  // where it had to be opened beforehand
};

}  // namespace hfaudit::cli
