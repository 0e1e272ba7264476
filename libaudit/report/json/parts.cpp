#include "report/json/parts.hpp"

#include "base/base64.hpp"
#include "base/numbers.hpp"
#include "base/terminal_text.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit::report {
namespace {

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

Json not_found_json(const std::vector<NotFound>& not_found) {
  Json list = Json::array();
  for (const NotFound& one : not_found)
    list.push_back({{"repo", one.name}, {"cause", one.cause}});
  return list;
}

}  // namespace

void put_path(Json& object, const std::string& path) {
  object["path"] = path;
  if (!is_utf8(path)) object["path_b64"] = base64(path);
}

Json totals_json(const FileTotals& totals) {
  return {{"files", totals.files}, {"bytes", totals.bytes}};
}

Json asked_json(const ReportScope& asked) {
  Json object{{"repos", asked.repos}, {"include", asked.include}, {"exclude", asked.exclude}};
  if (!asked.locked.empty()) object["locked"] = asked.locked;
  return object;
}

Json verified_json(const Verified& verified) {
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

void put_finding(Json& object, const Report& report, std::size_t number, const Adviser& adviser) {
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
  put_change(object, report, number);
}

Json cache_json(const Report& report) {
  return {{"hf_home", or_null(report.hf_home)},
          {"hub_cache", or_null(report.hub_cache)},
          {"xet_cache", or_null(report.xet_cache)}};
}

Json scanned_json(const Report& report) {
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

Json unreadable_json(const std::vector<Unreadable>& unreadable) {
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

void put_noted(Json& object, const Report& report) {
  if (!report.noted.empty()) object["noted"] = unreadable_json(report.noted);
  if (!report.not_found.empty()) object["not_found"] = not_found_json(report.not_found);
}

}  // namespace hfaudit::report
