// New findings since an earlier report, as JSON: the object `since`, and `since` of each finding.
#include <functional>
#include <string_view>

#include "base/numbers.hpp"
#include "report/json/parts.hpp"
#include "report/tally.hpp"

namespace hfaudit::report {
namespace {

// A finding in short: the list of findings has the rest of those that are here.
Json short_json(const Finding& finding) {
  Json object{{"id", info_of(finding.id).name}, {"severity", to_string(finding.severity)}};
  object["repo_id"] = finding.repo ? or_null(finding.repo->id) : Json(nullptr);
  object["repo_type"] = finding.repo ? Json(to_string(finding.repo->type)) : Json(nullptr);
  object["revision"] = or_null(finding.revision);
  put_path(object, finding.path);
  object["message"] = finding.message;
  put_cache_ref(object, finding.cache_ref);
  return object;
}

Json to_json(const RepoChange& repo) {
  Json object{{"change", to_string(repo.change)}};
  object["repo_id"] = or_null(repo.repo.id);
  object["repo_type"] = to_string(repo.repo.type);
  put_path(object, repo.path);
  object["was"] = repo.was ? Json(to_string(*repo.was)) : Json(nullptr);
  object["now"] = repo.now ? Json(to_string(*repo.now)) : Json(nullptr);
  object["bytes"] = {{"was", repo.bytes_was}, {"now", repo.bytes_now}};
  put_cache_ref(object, repo.cache_ref);
  return object;
}

Json counts_of(const Report& report) {
  const ChangeTally tally = change_tally_of(report);
  Json object = Json::object();
  for (const Change change :
       {Change::same, Change::added, Change::worse, Change::better, Change::gone})
    object[to_string(change)] = tally[change];
  object["unchecked"] = report.since->unchecked;
  return object;
}

void for_each_changed_finding(const Report& report, Change change,
                              const std::function<void(const Json&)>& take) {
  const Since& since = *report.since;
  if (change == Change::gone) {
    for (const Finding& finding : since.gone)
      take(short_json(finding));
    return;
  }
  for (std::size_t i = 0; i < since.findings.size() && i < report.findings.size(); ++i) {
    if (since.findings[i].change != change) continue;
    Json object = short_json(report.findings[i]);
    if (!since.findings[i].was.empty()) object["was"] = since.findings[i].was;
    take(object);
  }
}

void for_each_changed_repo(const Since& since, const std::function<void(const Json&)>& take) {
  for (const RepoChange& repo : since.repos)
    take(to_json(repo));
}

// A line of ndjson.
std::function<void(const Json&)> lines_of(std::string_view type, const Sink& out) {
  return [&out, type](const Json& element) {
    Json object{{"type", type}};
    object.update(element);
    out(text_of(object) + '\n');
  };
}

}  // namespace

Json since_head_json(const Report& report) {
  const Since& since = *report.since;
  Json object{{"report", since.file}, {"found", !since.absent}};
  object["command"] = or_null(since.command);
  object["host"] = or_null(since.host);
  object["started_at"] = since.absent ? Json(nullptr) : Json(utc(since.started_at));
  object["only_new"] = since.only_new;
  object["notes"] = since.notes;
  object["findings"] = counts_of(report);
  return object;
}

void put_change(Json& object, const Report& report, std::size_t finding) {
  if (!report.since || finding >= report.since->findings.size()) return;
  const FindingChange& change = report.since->findings[finding];
  object["since"] = to_string(change.change);
  if (!change.was.empty()) object["was"] = change.was;
}

void write_since(const Report& report, const Sink& out) {
  std::string head = text_of(since_head_json(report));
  head.pop_back();  // the brace
  out(",\n\"since\":" + head);
  std::string_view separator;
  const auto put = [&](const Json& element) {
    out(separator);
    out(text_of(element));
    separator = ",\n";
  };
  for (const Change change : {Change::added, Change::worse, Change::better, Change::gone}) {
    out(",\n\"" + std::string(to_string(change)) + "\":[");
    separator = "\n";
    for_each_changed_finding(report, change, put);
    out("]");
  }
  out(",\n\"repos\":[");
  separator = "\n";
  for_each_changed_repo(*report.since, put);
  out("]}");
}

void write_since_lines(const Report& report, const Sink& out) {
  for_each_changed_finding(report, Change::gone, lines_of("gone", out));
  for_each_changed_repo(*report.since, lines_of("repo-change", out));
}

}  // namespace hfaudit::report
