// hfaudit.report/1, the schema of the contract, whole or as a line an object. Repos and findings
// are rendered one by one, so that a cache of thousands costs only the memory of its largest repo.
#include "base/base64.hpp"
#include "base/numbers.hpp"
#include "base/terminal_text.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/version.hpp"
#include "report/advice.hpp"
#include "report/json/parts.hpp"
#include "report/tally.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

using report::put_cache_ref;
using report::put_merged;
using report::put_path;
using report::put_transfer;
using report::Tally;

constexpr std::string_view report_schema = "hfaudit.report/1";

Json to_json(const Amount& amount) {
  return {{"present", amount.present}, {"expected", or_null(amount.expected)}};
}

// `folder` of the repo. A revision without files lacks a snapshot.
Json to_json(const RevisionReport& revision, const std::string& folder, bool local_dir) {
  Json object;
  object["commit"] = revision.commit;
  object["refs"] = revision.refs;
  object["verdict"] = to_string(revision.verdict);
  object["basis"] = to_string(revision.basis);
  object["files"] = to_json(revision.files);
  object["bytes"] = to_json(revision.bytes);
  object["snapshot"] = nullptr;
  if (local_dir)
    object["snapshot"] = folder;
  else if (revision.files.present != 0)
    object["snapshot"] = folder + "/snapshots/" + revision.commit;
  return object;
}

void put_repo(Json& object, const RepoReport& repo, const Report& report) {
  const bool local_dir = location_named_by_option(report, "--local-dir") != nullptr;
  object["repo_id"] = or_null(repo.repo.id);
  object["repo_type"] = to_string(repo.repo.type);
  put_path(object, repo.path);
  object["verdict"] = to_string(repo.verdict);
  object["basis"] = to_string(repo.basis);
  object["bytes"] = to_json(repo.bytes);
  object["revisions"] = Json::array();
  for (const RevisionReport& revision : repo.revisions)
    object["revisions"].push_back(to_json(revision, repo.path, local_dir));
  put_cache_ref(object, repo.cache_ref);
}

// `number`: the position in the report.
void put_finding(Json& object, const Report& report, std::size_t number,
                 const report::Adviser& adviser) {
  const Finding& finding = report.findings[number];
  object["id"] = info_of(finding.id).name;
  object["severity"] = to_string(finding.severity);
  object["repo_id"] = finding.repo ? or_null(finding.repo->id) : Json(nullptr);
  object["repo_type"] = finding.repo ? Json(to_string(finding.repo->type)) : Json(nullptr);
  object["revision"] = or_null(finding.revision);
  put_path(object, finding.path);
  object["message"] = finding.message;
  object["fix"] = or_null(finding.fix);
  object["run"] = or_null(adviser.command(finding));
  object["bytes"] = finding.bytes;
  object["details"] = Json::object();
  for (const auto& [key, value] : finding.details) {
    std::visit(
        [&details = object["details"], &name = key](const auto& held) { details[name] = held; },
        value);
  }
  put_cache_ref(object, finding.cache_ref);
  report::put_change(object, report, number);
}

Json cache_of(const Report& report) {
  return {{"hf_home", or_null(report.hf_home)},
          {"hub_cache", or_null(report.hub_cache)},
          {"xet_cache", or_null(report.xet_cache)}};
}

Json scanned(const Report& report) {
  Json list = Json::array();
  for (const ScannedLocation& place : report.scanned) {
    Json object{{"what", place.what}};
    put_path(object, place.path);
    object["because"] = place.because;
    object["exists"] = place.exists;
    put_cache_ref(object, place.cache_ref);
    list.push_back(std::move(object));
  }
  return list;
}

Json to_json(const std::vector<Unreadable>& unreadable) {
  Json list = Json::array();
  for (const Unreadable& place : unreadable) {
    Json object = Json::object();
    put_path(object, place.path);
    object["operation"] = place.operation;
    object["cause"] = place.cause;
    if (place.refused) object["refused"] = true;
    put_cache_ref(object, place.cache_ref);
    list.push_back(std::move(object));
  }
  return list;
}

Json to_json(const std::vector<NotFound>& not_found) {
  Json list = Json::array();
  for (const NotFound& one : not_found)
    list.push_back({{"repo", one.name}, {"cause", one.cause}});
  return list;
}

// Only where there is any: most reports have neither.
void put_noted(Json& object, const Report& report) {
  if (!report.noted.empty()) object["noted"] = to_json(report.noted);
  if (!report.not_found.empty()) object["not_found"] = to_json(report.not_found);
}

}  // namespace

void report::put_path(Json& object, const std::string& path) {
  object["path"] = path;
  if (!is_utf8(path)) object["path_b64"] = base64(path);
}

Json report::totals_json(const FileTotals& totals) {
  return {{"files", totals.files}, {"bytes", totals.bytes}};
}

Json report::asked_json(const ReportScope& asked) {
  Json object{{"repos", asked.repos}, {"include", asked.include}, {"exclude", asked.exclude}};
  if (!asked.locked.empty()) object["locked"] = asked.locked;
  return object;
}

Json report::verified_json(const Verified& verified) {
  Json object = totals_json(verified.proven);
  object["seconds"] = verified.seconds;
  object["unverifiable"] = totals_json(verified.unverifiable);
  object["left"] = totals_json(verified.left);
  object["total"] = totals_json(verified.total);
  object["proven"] = totals_json(verified.trusted);
  object["oldest_proof_s"] =
      verified.oldest_proof_s ? Json(*verified.oldest_proof_s) : Json(nullptr);
  object["subset"] = nullptr;
  if (const auto& subset = verified.subset) {
    object["subset"] = {{"asked", subset->asked}};
    if (subset->of != 0) {
      object["subset"]["part"] = subset->part;
      object["subset"]["of"] = subset->of;
      object["subset"]["listing"] = subset->listing;
    }
  }
  return object;
}

namespace {

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
  object["cache"] = cache_of(report);
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
  out(text_of(
          Json{{"schema", "hfaudit.error/1"}, {"error", message}, {"exit_code", to_int(code)}}) +
      '\n');
}

void render_json(const Report& report, ExitCode code, const Sink& out) {
  Json head = Json::object();
  put_start(head, report);
  put_end(head, report, code);
  head["looked_at"] = scanned(report);
  head["blind"] = to_json(report.unreadable);
  put_noted(head, report);

  const report::Adviser adviser(report);
  std::string_view separator = "{\n";
  for (const auto& [key, value] : head.items()) {
    out(separator);
    out(text_of(key) + ":" + text_of(value));
    separator = ",\n";
  }
  write_list(
      "repos", report.repos,
      [&](Json& object, const RepoReport& repo) { put_repo(object, repo, report); }, out);
  std::size_t finding_number = 0;
  write_list(
      "findings", report.findings,
      [&](Json& object, const Finding&) { put_finding(object, report, finding_number++, adviser); },
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
    object["looked_at"] = scanned(report);
    object["blind"] = to_json(report.unreadable);
    put_noted(object, report);
  };
  const report::Adviser adviser(report);
  for (const RepoReport& repo : report.repos) {
    write_line("repo", [&](Json& object) { put_repo(object, repo, report); }, out);
  }
  for (std::size_t i = 0; i < report.findings.size(); ++i)
    write_line("finding", [&](Json& object) { put_finding(object, report, i, adviser); }, out);
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
