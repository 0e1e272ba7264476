#include "report/json/draft.hpp"

#include <algorithm>
#include <array>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/json/read_parts.hpp"
#include "report/tally.hpp"

namespace hfaudit::report {

bool is_list(std::string_view key) {
  constexpr std::array<std::string_view, 6> kLists{"looked_at", "blind", "repos", "findings", "sources", "caches"};
  return std::find(kLists.begin(), kLists.end(), key) != kLists.end();
}

bool is_head(std::string_view key) {
  constexpr std::array<std::string_view, 11> kHead{"schema",    "asked",      "command",     "host",
                                                   "cache",     "started_at", "duration_ms", "verdict",
                                                   "exit_code", "summary",    "verified"};
  return std::find(kHead.begin(), kHead.end(), key) != kHead.end();
}

bool Draft::begin(std::string_view key) {
  const bool fresh = keys_.emplace(key).second;
  if (!fresh) trouble.tell(std::string(key), "there twice");
  return fresh;
}

template <class Do>
void Draft::for_each_whose(Do act) {
  Report& report = past_.report;
  for (RepoReport& repo : report.repos)
    act("repos", repo.whose);
  for (Finding& finding : report.findings)
    act("findings", finding.whose);
  for (LookedAt& place : report.looked_at)
    act("looked_at", place.whose);
  // What merge() itself adds may be of none: a file that could not be read.
  for (Blind& place : report.blind) {
    if (place.operation != "merge") act("blind", place.whose);
  }
}

void Draft::take_head(std::string_view key, JsonNode node) {
  node.key = key;
  head_.members.push_back(std::move(node));
}

void Draft::take_element(std::string_view key, const JsonNode& node) {
  if (trouble.any()) return;
  Report& report = past_.report;
  const auto take = [&](auto& list, auto read) {
    list.push_back(read(Fields(&node, formatted("{}[{}]", key, list.size()), trouble)));
  };
  if (key == "repos") take(report.repos, read_repo);
  if (key == "findings") take(report.findings, read_finding);
  if (key == "blind") take(report.blind, read_blind);
  if (key == "looked_at") take(report.looked_at, read_looked_at);
  if (key == "sources") take(report.sources, read_source);
  if (key == "caches") take(report.caches, read_cache);
}

// Before anything else that may be wrong: what another version writes need not make sense here.
void Draft::check_schema(const Fields& head) {
  constexpr std::string_view kName = "hfaudit.report/", kOurs = "hfaudit.report/1";
  Trouble none;
  const std::string schema = Fields(head.node(), "", none).text("schema");
  if (schema == kOurs || schema.starts_with(std::string(kOurs) + ".")) return;
  if (schema.starts_with(kName)) {
    trouble = {};
    trouble.tell("", formatted("its schema is {}, and this hfaudit reads {}", schema, kOurs));
  }
  trouble.tell("", "it is no hfaudit report");
}

// A report of no cache could pass for one of a cache that is whole.
void Draft::check_plain() {
  Report& report = past_.report;
  report.caches.clear();
  for_each_whose([](std::string_view, Whose& whose) { whose = {}; });
  const auto is_local = [](const LookedAt& place) { return place.what == "local-dir"; };
  const bool local = std::any_of(report.looked_at.begin(), report.looked_at.end(), is_local);
  if (report.command == "merge") trouble.tell("sources", "missing");
  for (const Blind& place : report.blind) {
    // The next merge would drop it, as one that it tells anew.
    if (place.operation == "merge") trouble.tell("blind", "an operation that only merged reports have");
  }
  if (report.hub_cache.empty() && !local) trouble.tell("cache.hub_cache", "null, and no other place is named");
}

// Everything in a report of several caches says whose it is.
void Draft::check_merged() {
  Report& report = past_.report;
  std::set<Whose> known;
  for (const CacheReport& cache : report.caches) {
    for (const std::string& host : cache.hosts) {
      if (!known.insert({host, cache.place()}).second) trouble.tell("caches", "one is there twice");
    }
  }
  const bool alone = report.caches.size() == 1;
  const auto check = [&](std::string_view key, const Whose& whose) {
    const bool fits = alone && whose == Whose{};
    if (!fits && !known.contains(whose)) trouble.tell(std::string(key), "of a cache that is not listed");
  };
  for_each_whose(check);
  std::set<Whose> told;  // of what there is a source
  for (const Source& source : report.sources) {
    if (!source.trouble.empty()) continue;
    check("sources", {source.host, source.cache});
    told.insert({source.host, source.cache});
  }
  if (told != known) trouble.tell("sources", "missing for some of the caches");
}

// A report out of which something was cut, or into which something was written, is not to be believed.
void Draft::check_sums(const Fields& head, ExitCode code) {
  const Tally tally = tally_of(past_.report);
  const Fields summary = head.object("summary");
  const Fields findings = summary.object("findings");
  if (summary.count("repos") != past_.report.repos.size()) summary.wrong("repos", "does not fit the list");
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
    const std::string_view name = to_string(severity);
    if (findings.count(name) != tally[severity]) findings.wrong(name, "does not fit the list");
  }
  const bool incomplete = code == ExitCode::incomplete || code == ExitCode::refused;
  const bool known = code == ExitCode::ok || code == ExitCode::damage || incomplete || was_interrupted(code);
  const std::string verdict = head.text("verdict");
  if (known && verdict != overall_verdict(tally, code)) head.wrong("verdict", "does not fit the exit code");
  const bool merged = !past_.report.sources.empty();
  if (merged && incomplete == past_.report.blind.empty()) head.wrong("exit_code", "does not fit the list of blind");
}

PastReport Draft::finish(bool whole) {
  const Fields head(&head_, "", trouble);
  check_schema(head);
  read_start(head, past_.report);
  if (whole) {
    for (const std::string_view key : {"looked_at", "blind", "repos", "findings"}) {
      if (!keys_.contains(key)) trouble.tell(std::string(key), "missing");
    }
    constexpr std::uint64_t kMostCode = 255;
    const std::uint64_t code = head.count("exit_code");
    if (code > kMostCode) head.wrong("exit_code", "no exit code");
    past_.exit_code = static_cast<ExitCode>(code & kMostCode);
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
