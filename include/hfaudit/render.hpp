// A Report as text, JSON, NDJSON, Prometheus metrics or a page of HTML. Pure; output is valid UTF-8
// and free of control characters but for the line ends and, where requested, colours.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/exit_code.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// Takes the output piece by piece, in order, so that even the report of a huge cache needs little
// memory.
using Sink = std::function<void(std::string_view)>;

struct TextStyle {
  bool color = false;
  unsigned width = 0;  // columns to fit; 0: unlimited
  int verbosity = 0;   // -1 quiet: the damage only; 1: healthy repos and info findings one by one
};

// `code` goes with the report: ExitCode::interrupted and terminated mean unfinished work.
void render_text(const Report& report, const TextStyle& style, ExitCode code, const Sink& out);
void render_json(const Report& report, ExitCode code, const Sink& out);  // schema hfaudit.report/1
void render_ndjson(const Report& report, ExitCode code,
                   const Sink& out);  // one object a line, each with its "type"

// The same in two steps, for reports that are written during the run: `start` needs only the
// request of a report.
void render_ndjson_start(const Report& report, const Sink& out);
void render_ndjson_rest(const Report& report, ExitCode code, const Sink& out);

// In place of a report, after a failure: one line of the schema hfaudit.error/1.
void render_error(std::string_view message, ExitCode code, const Sink& out);

// A run, for its metrics.
struct RunFacts {
  std::string command, cache;
  std::vector<std::string> asked;     // the REPOs, as Report::asked has them
  std::vector<std::string> limits{};  // what narrows the run down: "--include *.gguf"
  std::int64_t started_at = 0;        // seconds since the epoch, UTC
  std::uint64_t duration_ms = 0;
};

// Of which the metrics have series: of the cache, or of each of its repos too.
enum class MetricsSeries : std::uint8_t { cache, each_repo };

// Prometheus text for the node exporter's textfile collector.
void render_metrics(const Report& report, const RunFacts& run, MetricsSeries series, ExitCode code,
                    const Sink& out);
// Of a run without a report: its findings are unknown, and its end is known.
void render_metrics_of_failure(const RunFacts& run, ExitCode code, const Sink& out);

// One page without other files or network access; readable without its script.
void render_html(const Report& report, ExitCode code, const Sink& out);

// How far a long command has come.
struct ProgressEvent {
  std::uint64_t files = 0, files_total = 0;
  std::uint64_t bytes = 0, bytes_total = 0;
  double seconds = 0;
  // Of a download; elsewhere null, and then the rest is left out.
  std::optional<RepoId> repo = std::nullopt;
  std::string step{};          // "ask", "check", "transfer", "wait", "verify"
  std::uint64_t received = 0;  // over the network
  std::string note{};          // the reason for waiting
};
// an ndjson line of type "progress"
void render_progress(const ProgressEvent& event, const Sink& out);

// `bytes` fit for a terminal: control characters and bytes outside UTF-8 become \xNN, newlines \n.
// All other text is unchanged.
[[nodiscard]] std::string printable(std::string_view bytes);
// "10.41 GB": decimal units, as the Hub shows them.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

}  // namespace hfaudit
