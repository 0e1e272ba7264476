#include "report/json/report_builder.hpp"

#include <algorithm>
#include <array>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/json/read_parts.hpp"
#include "report/tally.hpp"

namespace hfaudit::report {

bool is_list(std::string_view key) {
  constexpr std::array<std::string_view, 6> list_keys{"looked_at", "blind",   "repos",
                                                      "findings",  "sources", "caches"};
  return std::find(list_keys.begin(), list_keys.end(), key) != list_keys.end();
}

bool is_head(std::string_view key) {
  constexpr std::array<std::string_view, 11> head_keys{
      "schema",      "asked",   "command",   "host",    "cache",   "started_at",
      "duration_ms", "verdict", "exit_code", "summary", "verified"};
  return std::find(head_keys.begin(), head_keys.end(), key) != head_keys.end();
}

bool ReportBuilder::begin(std::string_view key) {
  const bool fresh = keys_.emplace(key).second;
  if (!fresh) first_error.record(std::string(key), "there twice");
  return fresh;
}

template <class Do>
void ReportBuilder::for_each_cache_ref(Do act) {
  Report& report = past_.report;
  for (RepoReport& repo : report.repos)
    act("repos", repo.cache_ref);
  for (Finding& finding : report.findings)
    act("findings", finding.cache_ref);
  for (ScannedLocation& place : report.scanned)
    act("looked_at", place.cache_ref);
  // Entries that merge() itself adds may lack one: an unreadable file.
  for (Unreadable& place : report.unreadable) {
    if (place.operation != "merge") act("blind", place.cache_ref);
  }
}

void ReportBuilder::take_head(std::string_view key, JsonNode node) {
  node.key = key;
  head_.members.push_back(std::move(node));
}

void ReportBuilder::take_element(std::string_view key, const JsonNode& node) {
  if (first_error.any()) return;
  Report& report = past_.report;
  const auto take = [&](auto& list, auto read) {
    list.push_back(read(Fields(&node, formatted("{}[{}]", key, list.size()), first_error)));
  };
  if (key == "repos") take(report.repos, read_repo);
  if (key == "findings") take(report.findings, read_finding);
  if (key == "blind") take(report.unreadable, read_unreadable);
  if (key == "looked_at") take(report.scanned, read_scanned);
  if (key == "sources") take(report.sources, read_source);
  if (key == "caches") take(report.caches, read_cache);
}

// Before all other checks: a report of another version may be meaningless here.
void ReportBuilder::check_schema(const Fields& head) {
  constexpr std::string_view schema_prefix = "hfaudit.report/", own_schema = "hfaudit.report/1";
  FirstError none;
  const std::string schema = Fields(head.node(), "", none).text("schema");
  if (schema == own_schema || schema.starts_with(std::string(own_schema) + ".")) return;
  // What it lacks as a report says nothing about a file of another kind.
  std::string why;
  if (schema.empty() && first_error.any()) why = ": " + first_error.text();
  if (schema.starts_with("hfaudit.lock/")) why = ": it is a lock file";
  if (schema.starts_with("hfaudit.error/")) why = ": it is an error message";
  first_error = {};
  first_error.record(
      "", schema.starts_with(schema_prefix)
              ? formatted("its schema is {}, and this hfaudit reads {}", schema, own_schema)
              : "it is not an hfaudit report" + why);
}

// A report without a cache could pass for one of a cache that is whole.
void ReportBuilder::check_plain() {
  Report& report = past_.report;
  report.caches.clear();
  for_each_cache_ref([](std::string_view, CacheRef& cache_ref) { cache_ref = {}; });
  const auto is_local = [](const ScannedLocation& place) { return place.what == "local-dir"; };
  const bool local = std::any_of(report.scanned.begin(), report.scanned.end(), is_local);
  if (report.command == "merge") first_error.record("sources", "missing");
  for (const Unreadable& place : report.unreadable) {
    // The next merge would drop it, as one that it reports anew.
    if (place.operation == "merge")
      first_error.record("blind", "an operation that only merged reports have");
  }
  if (report.hub_cache.empty() && !local)
    first_error.record("cache.hub_cache", "null, and no other place is named");
}

// Every entry in a report of several caches names its cache.
void ReportBuilder::check_merged() {
  Report& report = past_.report;
  std::set<CacheRef> known;
  for (const CacheReport& cache : report.caches) {
    for (const std::string& host : cache.hosts) {
      if (!known.insert({host, cache.place()}).second)
        first_error.record("caches", "one is there twice");
    }
  }
  const bool alone = report.caches.size() == 1;
  const auto check = [&](std::string_view key, const CacheRef& cache_ref) {
    const bool fits = alone && cache_ref == CacheRef{};
    if (!fits && !known.contains(cache_ref))
      first_error.record(std::string(key), "of a cache that is not listed");
  };
  for_each_cache_ref(check);
  std::set<CacheRef> listed;  // the present sources
  for (const Source& source : report.sources) {
    if (!source.failure.empty()) continue;
    check("sources", {source.host, source.cache});
    listed.insert({source.host, source.cache});
  }
  if (listed != known) first_error.record("sources", "missing for some of the caches");
}

// A report out of which something was cut, or into which something was written, is rejected.
void ReportBuilder::check_sums(const Fields& head, ExitCode code) {
  const Tally tally = tally_of(past_.report);
  const Fields summary = head.object("summary");
  const Fields findings = summary.object("findings");
  if (summary.count("repos") != past_.report.repos.size())
    summary.wrong("repos", "does not fit the list");
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
    const std::string_view name = to_string(severity);
    if (findings.count(name) != tally[severity]) findings.wrong(name, "does not fit the list");
  }
  const bool incomplete = code == ExitCode::incomplete || code == ExitCode::refused;
  const bool known =
      code == ExitCode::ok || code == ExitCode::damage || incomplete || was_interrupted(code);
  const std::string verdict = head.text("verdict");
  if (known && verdict != overall_verdict(tally, code))
    head.wrong("verdict", "does not fit the exit code");
  const bool merged = !past_.report.sources.empty();
  if (merged && incomplete == past_.report.unreadable.empty())
    head.wrong("exit_code", "does not fit the list of blind");
}

PastReport ReportBuilder::finish(bool whole) {
  const Fields head(&head_, "", first_error);
  check_schema(head);
  read_start(head, past_.report);
  if (whole) {
    for (const std::string_view key : {"looked_at", "blind", "repos", "findings"}) {
      if (!keys_.contains(key)) first_error.record(std::string(key), "missing");
    }
    constexpr std::uint64_t most_code = 255;
    const std::uint64_t code = head.count("exit_code");
    if (code > most_code) head.wrong("exit_code", "no exit code");
    past_.exit_code = static_cast<ExitCode>(code & most_code);
    read_end(head, past_.report);
    check_sums(head, *past_.exit_code);
  }
  if (past_.report.sources.empty()) {
    check_plain();
  } else {
    check_merged();
  }
  return std::move(past_);
}

}  // namespace hfaudit::report
