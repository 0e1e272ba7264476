// hfaudit.report/1, the schema of the contract, whole or as a line an object. Repos and findings
// are rendered one by one, so that a cache of thousands costs only the memory of its largest repo.
#include "base/numbers.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/version.hpp"
#include "report/advice.hpp"
#include "report/json/parts.hpp"
#include "report/tally.hpp"

namespace hfaudit {
namespace {

using report::put_merged;
using report::put_transfer;
using report::Tally;

constexpr std::string_view report_schema = "hfaudit.report/1";

Json summary(const Report& report, const Tally& tally) {
  Json by_verdict = Json::object();
  for (std::size_t i = 0; i < tally.repos.size(); ++i) {
    if (tally.repos[i] > 0) by_verdict[to_string(static_cast<Verdict>(i))] = tally.repos[i];
  }
  Json findings = Json::object();
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
    findings[to_string(severity)] = tally[severity];
  }
  return {{"repos", report.repos.size()},
          {"by_verdict", std::move(by_verdict)},
          {"findings", std::move(findings)},
          {"bytes",
           {{"present", report.bytes_present},
            {"missing", report.bytes_missing},
            {"reclaimable", report.bytes_reclaimable}}}};
}

void put_start(Json& object, const Report& report) {
  object["schema"] = report_schema;
  object["tool"] = {{"name", "hfaudit"}, {"version", version()}};
  object["command"] = report.command;
  object["host"] = or_null(report.host);
  object["cache"] = report::cache_json(report);
  object["started_at"] = utc(report.started_at);
  if (!report.asked.everything()) object["asked"] = report::asked_json(report.asked);
  put_merged(object, report);
}

void put_end(Json& object, const Report& report, ExitCode code) {
  const Tally tally = report::tally_of(report);
  object["duration_ms"] = report.duration_ms;
  object["verdict"] = overall_verdict(tally, code);
  object["exit_code"] = to_int(code);
  object["summary"] = summary(report, tally);
  if (report.verified) object["verified"] = report::verified_json(*report.verified);
  if (report.repair) object["repair"] = report::repair_json(*report.repair);
}

// `,"key":[` with one element a line, and `]`.
template <class Items, class Put>
void write_list(std::string_view key, const Items& items, Put put, const Sink& out) {
  out(",\n\"");
  out(key);
  out("\":[");
  std::string_view separator = "\n";
  for (const auto& item : items) {
    Json object = Json::object();
    put(object, item);
    out(separator);
    out(text_of(object));
    separator = ",\n";
  }
  out(items.empty() ? "]" : "\n]");
}

template <class Put>
void write_line(std::string_view type, Put put, const Sink& out) {
  Json object{{"type", type}};
  put(object);
  out(text_of(object) + '\n');
}

// A line an action, with its result; a dry run lacks it.
void write_actions(const RepairLog& log, const Sink& out) {
  for (std::size_t i = 0; i < log.plan.size(); ++i) {
    const auto put = [&](Json& object) {
      report::put_action(object, log.plan[i]);
      object["result"] = nullptr;
      if (i >= log.results.size()) return;
      object["result"] = Json::object();
      report::put_result(object["result"], log.plan[i], log.results[i]);
    };
    write_line("action", put, out);
  }
}

}  // namespace

void render_error(std::string_view message, ExitCode code, const Sink& out) {
  out(text_of(Json{{"schema", "hfaudit.error/1"},
                   {"type", "error"},
                   {"error", message},
                   {"exit_code", to_int(code)}}) +
      '\n');
}

void render_json(const Report& report, ExitCode code, const Sink& out) {
  Json head = Json::object();
  put_start(head, report);
  put_end(head, report, code);
  head["looked_at"] = report::scanned_json(report);
  head["blind"] = report::unreadable_json(report.unreadable);
  report::put_noted(head, report);

  const report::Adviser adviser(report);
  std::string_view separator = "{\n";
  for (const auto& [key, value] : head.items()) {
    out(separator);
    out(text_of(key) + ":" + text_of(value));
    separator = ",\n";
  }
  write_list(
      "repos", report.repos,
      [&](Json& object, const RepoReport& repo) { report::put_repo(object, repo, report); }, out);
  std::size_t finding_number = 0;
  write_list(
      "findings", report.findings,
      [&](Json& object, const Finding&) {
        report::put_finding(object, report, finding_number++, adviser);
      },
      out);
  if (report.since) report::write_since(report, out);
  if (!report.transfers.empty()) write_list("transfers", report.transfers, put_transfer, out);
  if (const auto& log = report.repair) {
    write_list("plan", log->plan, report::put_action, out);
    std::size_t number = 0;
    const auto put = [&](Json& object, const ActionResult& result) {
      report::put_result(object, log->plan[number++], result);
    };
    write_list("results", log->results, put, out);
  }
  out("\n}\n");
}

void render_progress(const ProgressEvent& event, const Sink& out) {
  const auto put = [&event](Json& object) {
    if (event.repo) {
      object["repo"] = event.repo->id.empty() ? Json(nullptr) : Json(event.repo->name());
      object["repo_id"] = or_null(event.repo->id);
      object["repo_type"] = to_string(event.repo->type);
      object["step"] = event.step;
    }
    object["files"] = event.files;
    object["files_total"] = event.files_total;
    object["bytes"] = event.bytes;
    object["bytes_total"] = event.bytes_total;
    if (event.repo) object["received"] = event.received;
    object["seconds"] = event.seconds;
    if (event.repo) object["note"] = or_null(event.note);
  };
  write_line("progress", put, out);
}

void render_ndjson_start(const Report& report, const Sink& out) {
  write_line("start", [&report](Json& object) { put_start(object, report); }, out);
}

void render_ndjson_rest(const Report& report, ExitCode code, const Sink& out) {
  const auto end = [&report, code](Json& object) {
    put_end(object, report, code);
    if (report.since) object["since"] = report::since_head_json(report);
    object["looked_at"] = report::scanned_json(report);
    object["blind"] = report::unreadable_json(report.unreadable);
    report::put_noted(object, report);
  };
  const report::Adviser adviser(report);
  for (const RepoReport& repo : report.repos) {
    write_line("repo", [&](Json& object) { report::put_repo(object, repo, report); }, out);
  }
  for (std::size_t i = 0; i < report.findings.size(); ++i)
    write_line(
        "finding", [&](Json& object) { report::put_finding(object, report, i, adviser); }, out);
  if (report.since) report::write_since_lines(report, out);
  if (report.repair) write_actions(*report.repair, out);
  for (const Transfer& transfer : report.transfers) {
    write_line("transfer", [&transfer](Json& object) { put_transfer(object, transfer); }, out);
  }
  write_line("end", end, out);
}

void render_ndjson(const Report& report, ExitCode code, const Sink& out) {
  render_ndjson_start(report, out);
  render_ndjson_rest(report, code, out);
}

}  // namespace hfaudit
