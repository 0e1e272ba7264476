// What a notification says, and which targets there are.
#include <map>
#include <nlohmann/json.hpp>

#include "catch_any.hpp"
#include "hfaudit/notify.hpp"
#include "notify/notification.hpp"

using namespace hfaudit;
using nlohmann::json;

namespace {

Environment with(std::map<std::string, std::string> variables) {
  Environment environment;
  environment.get =
      [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  environment.home_of = [](std::string_view) { return std::nullopt; };
  return environment;
}

const Environment matrix_environment =
    with({{"MATRIX_HOMESERVER", "https://m.example/"}, {"MATRIX_ACCESS_TOKEN", "syt\n"}});

Transfer transfer_of(const std::string& id) {
  Transfer transfer;
  transfer.repo = {RepoType::dataset, id};
  transfer.commit = std::string(40, 'c');
  transfer.wanted = {2, 3000};
  return transfer;
}

Report report_of(std::vector<Transfer> transfers) {
  Report report;
  report.command = "pull";
  report.host = "node7";
  report.transfers = std::move(transfers);
  return report;
}

}  // namespace

TEST_CASE("notify: targets") {
  const auto parsed = parse_notifications({"https://me:pw@h.example:8443/a/b?c=d", "matrix:#ops:h",
                                           "matrix:!x", "exec: mail -s secret"},
                                          matrix_environment);
  REQUIRE(parsed);
  const auto& all = *parsed;
  CHECK(all[0].by == NotifyBy::http);
  CHECK(all[0].target == "https://h.example:8443/a/b?c=d");
  CHECK(all[0].secret == "me:pw");
  CHECK(all[0].shown == "https://h.example:8443");
  CHECK(all[1].by == NotifyBy::matrix);
  CHECK(all[1].target == "#ops:h");
  CHECK(all[1].homeserver == "https://m.example");
  CHECK(all[1].secret == "syt");
  CHECK(all[2].target == "!x");
  CHECK(all[3].by == NotifyBy::command);
  CHECK(all[3].target == " mail -s secret");
  CHECK(all[3].shown == "exec:mail");
}

TEST_CASE("notify: what is no target") {
  for (const std::string text :
       {"", "x", "ftp://h/", "https:", "https://", "mailto:a@b", "matrix:", "matrix:x:h",
        "matrix:#", "matrix:#x", "matrix:#x:", "matrix:!", "exec:", "exec:  "})
    CHECK_FALSE(parse_notifications({text}, matrix_environment));
  CHECK_FALSE(parse_notifications({"matrix:!x:h"}, with({})));
  CHECK_FALSE(parse_notifications({"matrix:!x:h"}, with({{"MATRIX_HOMESERVER", "https://m"}})));
  CHECK(parse_notifications({}, with({})));
}

TEST_CASE("notify: outcomes") {
  auto transfer = transfer_of("acme/d");
  auto report = report_of({transfer});
  CHECK(report::outcome_of(transfer, report) == "complete");

  RepoReport audited;
  audited.repo = transfer.repo;
  audited.verdict = Verdict::corrupt;  // the audit has the last word
  report.repos = {audited};
  CHECK(report::outcome_of(transfer, report) == "incomplete");
  report.repos[0].verdict = Verdict::subset;
  CHECK(report::outcome_of(transfer, report) == "complete");

  transfer.left = {{"x", 10, 0, ""}};
  CHECK(report::outcome_of(transfer, report) == "incomplete");
  transfer.left.clear();
  transfer.commit.clear();
  transfer.failure = "no answer";
  CHECK(report::outcome_of(transfer, report) == "failed");
  report.unreadable.push_back({"hub/datasets--acme--d2", "ask", "gated", {}, true});
  CHECK(report::outcome_of(transfer, report) == "failed");  // that was another one
  report.unreadable.push_back({"hub/datasets--acme--d", "ask", "gated", {}, true});
  CHECK(report::outcome_of(transfer, report) == "refused");
}

TEST_CASE("notify: the object") {
  auto transfer = transfer_of("acme/d");
  for (int i = 0; i < 20; ++i)
    transfer.left.push_back({"f\xff" + std::to_string(i), 100, 40, ""});
  const auto told = json::parse(
      report::notification_json(report_of({transfer}), ExitCode::damage, 1'767'225'600));
  CHECK(told["schema"] == "hfaudit.notification/1");
  CHECK(told["finished_at"] == "2026-01-01T00:00:00Z");
  const auto& repo = told["repos"][0];
  CHECK(repo["repo_type"] == "dataset");
  CHECK(repo["outcome"] == "incomplete");
  CHECK(repo["left"]["files"] == 20);
  CHECK(repo["left"]["bytes"] == 1200);
  CHECK(repo["left"]["first"].size() == 10);
  CHECK(repo["trouble"].is_null());
}

TEST_CASE("notify: the message") {
  auto transfer = transfer_of("acme/d");
  transfer.failure = "<script>&\x1b[31m" + std::string(2000, 'x');
  const auto message = json::parse(
      report::matrix_message(report_of(std::vector<Transfer>(100, transfer)), ExitCode::damage));
  const auto body = message["body"].get<std::string>(),
             html = message["formatted_body"].get<std::string>();
  CHECK(message["msgtype"] == "m.notice");
  CHECK(body.find("<script>&\\x1b[31m") != std::string::npos);
  CHECK(html.find("&lt;script&gt;&amp;\\x1b[31m") != std::string::npos);
  CHECK(html.find("<script>") == std::string::npos);
  CHECK(body.find("and 70 more repos") != std::string::npos);
  CHECK(message.dump().size() < 60'000);
  CHECK(report::html_escaped("'\"<>&\n") == "&#39;&quot;&lt;&gt;&amp;<br>");
}

TEST_CASE("notify: a homeserver's answers") {
  CHECK(report::room_id_in(R"({"servers":["x"],"room_id":"!a:h"})") == "!a:h");
  for (const std::string text : {"", "[]", "{}", "\"!a:h\"", R"({"room_id":7})",
                                 R"({"room_id":"a"})", R"({"x":{"room_id":"!a:h"}})", "{"})
    CHECK_FALSE(report::room_id_in(text));
  CHECK_FALSE(report::room_id_in(R"({"room_id":"!)" + std::string(300, 'a') + "\"}"));
  CHECK(report::matrix_error_in(R"({"errcode":"M_FORBIDDEN","error":"no"})") == "M_FORBIDDEN");
  CHECK(report::matrix_error_in(R"({"errcode":"<b>"})").empty());
}
