#include "pull_options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>
#include <vector>

namespace hfaudit::cli {
namespace {

// Seconds, from "10,30,60": each a number, decimals too.
std::vector<double> parse_waits(const std::string& text) {
  constexpr double kMost = 86400;
  const auto wrong = [&text] {
    return CLI::ValidationError("--waits", printable(text) + " is no list of seconds such as 10,30,60");
  };
  std::vector<double> waits;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double seconds = 0;
    const auto parsed = std::from_chars(at, end, seconds, std::chars_format::fixed);
    const bool sound = seconds >= 0 && seconds <= kMost;  // no number is neither
    if (parsed.ec != std::errc() || !sound) throw wrong();
    waits.push_back(seconds);
    at = parsed.ptr;
    if (at == end) return waits;
    if (*at++ != ',') throw wrong();
  }
}

}  // namespace

void add_pace_options(CLI::App& command, PaceOptions& options) {
  constexpr unsigned kMostAttempts = 1'000'000, kDay = 86400, kMostAtOnce = 256;
  DownloadOptions& how = options.how;
  add_number(command, "--max-attempts", how.max_attempts, {1, kMostAttempts},
             "Attempts on a repo, one after the other, that get no further [25]");
  add_number(command, "--timeout", options.timeout, {1, kDay},
             "Seconds without a byte after which a connection is given up [HF_HUB_DOWNLOAD_TIMEOUT, else 300]");
  const auto take_waits = [&how](const std::string& text) { how.waits_s = parse_waits(text); };
  command
      .add_option_function<std::string>("--waits", take_waits,
                                        "Seconds between attempts that got no further [10,30,60,120,240,300]")
      ->type_name("LIST")
      ->take_last();
  add_rate(command, how.max_rate, "Receive no more than this per second, in all");
  add_number(command, "--connections", how.connections, {1, kMostAtOnce}, "Connections at once, at most [16]");
  command.add_flag("--ipv4", how.ipv4_only, "Use no IPv6");
}

DownloadOptions download_options_of(const PaceOptions& options) {
  DownloadOptions how = options.how;
  if (options.timeout != 0) how.idle_timeout_s = options.timeout;
  return how;
}

ProgressEvent event_of(const PullProgress& progress) {
  ProgressEvent event{progress.files, progress.files_total, progress.bytes, progress.bytes_total, progress.seconds};
  event.repo = progress.repo;
  event.step = to_string(progress.step);
  event.received = progress.received;
  event.note = progress.note;
  return event;
}

}  // namespace hfaudit::cli
