#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hfaudit/notify.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/version.hpp"
#include "http/url.hpp"
#include "notify/notification.hpp"
#include "notify/post.hpp"
#include "os/command.hpp"
#include "os/unix_time.hpp"

namespace hfaudit {
namespace {

// Empty: it went well.
using SendError = std::string;

http::Session session_for(const Notification& to) {
  return http::Session({"hfaudit/" + std::string(version()), to.ca_bundle, false});
}

SendError post_outcome(const Notification& to, const Report& report, ExitCode code) {
  auto url = parse_url(to.target);
  if (!url) return "it is not a URL";
  url->user_info = to.secret;  // libcurl makes it an Authorization header
  http::Request request;
  request.method = "POST";
  request.url = url->text();
  request.headers = {{"Content-Type", "application/json"}};
  request.body = report::notification_json(report, code, unix_time_s());
  auto session = session_for(to);
  const auto answer = query_server(session, std::move(request));
  return answer ? SendError() : answer.error();
}

http::Request matrix_request(const Notification& to, const std::string& path) {
  http::Request request;
  request.url = to.homeserver + "/_matrix/client/v3/" + path;
  request.headers = {{"Authorization", "Bearer " + to.secret}};
  return request;
}

// The same for every attempt, so that a message whose answer was lost is shown once.
std::string transaction_id(const Report& report) {
  std::random_device rng;
  return "hfaudit-" + std::to_string(report.started_at) + "-" + std::to_string(rng()) +
         std::to_string(rng());
}

SendError send_to_room(const Notification& to, const Report& report, ExitCode code) {
  auto session = session_for(to);
  auto room = to.target;
  if (room.starts_with('#')) {
    const auto answer = query_server(session, matrix_request(to, "directory/room/" + quote(room)));
    if (!answer) return "the alias is not resolved: " + answer.error();
    const auto found = report::room_id_in(*answer);
    if (!found) return "the alias is not resolved: the server's answer names no room";
    room = *found;
  }
  auto request = matrix_request(
      to, "rooms/" + quote(room) + "/send/m.room.message/" + quote(transaction_id(report)));
  request.method = "PUT";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = report::matrix_message(report, code);
  const auto answer = query_server(session, std::move(request));
  return answer ? SendError() : answer.error();
}

SendError run_command(const Notification& to, const Report& report, ExitCode code) {
  std::string input;
  render_json(report, code, [&input](std::string_view piece) { input += piece; });
  constexpr auto most = std::chrono::seconds(60);
  const auto end = os::run_shell(to.target, input, most);
  if (!end)
    return "cannot " + end.error().operation + " " + end.error().subject + ": " + end.error().cause;
  if (end->out_of_time) return "it was ended after " + std::to_string(most.count()) + " s";
  if (end->signal != 0) return "signal " + std::to_string(end->signal) + " ended it";
  return end->code == 0 ? SendError() : "its exit status is " + std::to_string(end->code);
}

SendError send_one(const Notification& to, const Report& report, ExitCode code) {
  switch (to.by) {
    case NotifyBy::http:
      return post_outcome(to, report, code);
    case NotifyBy::matrix:
      return send_to_room(to, report, code);
    case NotifyBy::command:
      return run_command(to, report, code);
  }
  return {};
}

}  // namespace

std::vector<std::string> send_notifications(const std::vector<Notification>& notifications,
                                            const Report& report, ExitCode code) {
  std::vector<std::string> failures;
  for (const auto& to : notifications) {
    const auto failure = send_one(to, report, code);
    if (!failure.empty())
      failures.push_back("the notification to " + to.shown + " failed: " + failure);
  }
  return failures;
}

}  // namespace hfaudit
