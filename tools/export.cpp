// hfaudit export: repos as a tar, to standard output or a file.
#include "hfaudit/export.hpp"

#include <cerrno>
#include <functional>
#include <optional>
#include <string>

#include "commands.hpp"
#include "hfaudit/render.hpp"
#include "messages.hpp"
#include "os/output.hpp"
#include "os/stream_output.hpp"
#include "progress.hpp"
#include "requests.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

ExitCode report_failure(const Error& error) {
  if (error.code != ECANCELED) {
    const bool damaged = error.code == EILSEQ;
    print_error(message_of(error) + (damaged ? "; run: hfaudit repair --verify" : "") +
                "; the archive is not complete");
  }
  return code_of_failure(error);
}

std::string counted(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

void print_summary(const Exporter& exporter) {
  const auto& totals = exporter.totals();
  for (const auto& note : exporter.notes())
    print_error(note);
  if (totals.unverifiable != 0)
    print_error(counted(totals.unverifiable, "file") + " could not be checked: no hash is known");
  print_error("exported " + counted(totals.repos, "repo") + ", " + counted(totals.files, "file") +
              ", " + human_bytes(totals.bytes));
}

Result<void> write_file(Exporter& exporter, const std::string& path,
                        const std::function<void(const ExportProgress&)>& progress,
                        const std::stop_token& stop) {
  auto file = os::OutputFile::create(path);
  if (!file) return tl::unexpected<Error>(file.error());
  auto written = exporter.write(
      [&](std::string_view bytes) {
        file->write(bytes);
        constexpr std::size_t large = std::size_t{64} << 10;  // small pieces are collected
        return bytes.size() < large ? Result<void>() : file->flush();
      },
      progress, stop);
  return written ? file->commit() : written;
}

Result<void> write_stream(Exporter& exporter, os::StreamOutput out,
                          const std::function<void(const ExportProgress&)>& progress,
                          const std::stop_token& stop) {
  auto written =
      exporter.write([&](std::string_view bytes) { return out.write(bytes); }, progress, stop);
  // of a failed one too: its end shows that it is incomplete
  auto flushed = out.flush();
  return written ? flushed : written;
}

Result<void> write_output(Exporter& exporter, const std::optional<std::string>& path,
                          const std::function<void(const ExportProgress&)>& progress,
                          const std::stop_token& stop) {
  if (!path) return write_stream(exporter, os::StreamOutput::standard(stop), progress, stop);
  auto stream = os::StreamOutput::open(*path, stop);
  if (!stream) return tl::unexpected<Error>(stream.error());
  if (*stream) return write_stream(exporter, std::move(**stream), progress, stop);
  return write_file(exporter, *path, progress, stop);
}

ExitCode write_archive(Exporter& exporter, const std::optional<std::string>& path, bool quiet,
                       const std::stop_token& stop) {
  Result<void> written;
  {
    ProgressDisplay display(quiet);
    const auto progress = [&](const ExportProgress& done) {
      display.show(done.bytes, done.bytes_total, done.seconds);
    };
    written = write_output(exporter, path, progress, stop);
  }
  if (!written) return report_failure(written.error());
  if (!quiet) print_summary(exporter);
  return ExitCode::ok;
}

}  // namespace

ExitCode run_export(const Arguments& arguments) {
  const auto what = audit_request_of(arguments);
  if (!what) return usage_error(what.error());
  if (what->repos.empty()) return usage_error("no repo given: hfaudit export org/name");
  auto path = arguments.get<"--output">();
  if (path == "-") path.reset();
  if (!path && os::is_terminal(os::standard_output))
    return usage_error(
        "standard output is a terminal: use --output FILE, or a pipe, as in "
        "hfaudit export REPO | ssh HOST tar -x -C HUB");
  const auto layout = layout_of(arguments);
  if (path && os::lies_within(*path, layout.hub_cache.path))
    return usage_error("--output lies in the hub cache: " + printable(*path));
  const auto stop = catch_signals();
  auto exporter = Exporter::prepare(layout, {*what, arguments.get<"--allow-incomplete">()}, stop);
  if (!exporter) {
    print_error(exporter.error());
    return code_after_signals(exit_code_for(exporter.error()));
  }
  if (const auto code = print_refusals(exporter->refused()); code != ExitCode::ok)
    return code_after_signals(code);
  return code_after_signals(write_archive(*exporter, path, arguments.get<"--quiet">(), stop));
}

}  // namespace hfaudit::cli
