// From the values of --notify to targets.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hfaudit/notify.hpp"
#include "http/url.hpp"
#include "hub/endpoint.hpp"
#include "os/secrets.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view matrix_scheme = "matrix:", command_scheme = "exec:";

// As far as the host: the secret of many a web hook is in its path.
std::string origin_of(const Url& url) {
  return url.scheme + "://" + url.host + (url.port.empty() ? "" : ":" + url.port);
}

tl::unexpected<Error> usage_error(const std::string& what, std::string_view why) {
  return failure("use --notify", what, why);
}

// Of a target without a known scheme only that is shown: the rest may be a secret.
std::string scheme_of(const std::string& text) {
  const auto colon = text.find(':');
  return colon == std::string::npos ? "…" : text.substr(0, colon + 1) + "…";
}

std::string variable(const Environment& environment, std::string_view name) {
  auto value = environment.get(name).value_or("");
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r' || value.back() == ' '))
    value.pop_back();
  return value;
}

Result<Notification> parse_url_target(const std::string& text) {
  auto url = parse_url(text);
  if (!url) return usage_error(scheme_of(text), "it is not an http or https URL");
  Notification made;
  made.by = NotifyBy::http;
  made.secret = url->user_info;
  url->user_info.clear();
  made.target = url->text();
  made.shown = origin_of(*url);
  return made;
}

Result<Notification> parse_room(const std::string& text, const Environment& environment) {
  Notification made;
  made.by = NotifyBy::matrix;
  made.shown = text;
  made.target = text.substr(matrix_scheme.size());
  const auto colon = made.target.find(':');
  // newer ones omit the server
  const bool id = made.target.starts_with('!') && made.target.size() > 1;
  const bool alias = made.target.starts_with('#') && colon != std::string::npos && colon > 1 &&
                     colon + 1 < made.target.size();
  if (!id && !alias) return usage_error(text, "a room is !id:server or #alias:server");
  const auto home = variable(environment, "MATRIX_HOMESERVER");
  made.secret = variable(environment, "MATRIX_ACCESS_TOKEN");
  if (home.empty())
    return usage_error(text, "set MATRIX_HOMESERVER, such as https://matrix.example.org");
  if (made.secret.empty()) return usage_error(text, "set MATRIX_ACCESS_TOKEN");
  const auto url = parse_url(home);
  if (!url || !url->query.empty() || !url->user_info.empty()) {
    return usage_error(text, "MATRIX_HOMESERVER is not a URL such as https://matrix.example.org");
  }
  made.homeserver = url->text();
  while (made.homeserver.ends_with('/'))
    made.homeserver.pop_back();
  return made;
}

Result<Notification> parse_command(const std::string& text) {
  Notification made;
  made.by = NotifyBy::command;
  made.target = text.substr(command_scheme.size());
  const auto first = made.target.find_first_not_of(" \t\n");
  if (first == std::string::npos) return usage_error(text, "no command is named");
  // Its first word: the others may be secrets.
  const auto end = made.target.find_first_of(" \t\n", first);
  made.shown = "exec:" + made.target.substr(first, end - first);
  return made;
}

Result<Notification> parse_one(const std::string& text, const Environment& environment) {
  if (text.find('\0') != std::string::npos) return usage_error("…", "it holds a NUL");
  if (text.starts_with(matrix_scheme)) return parse_room(text, environment);
  if (text.starts_with(command_scheme)) return parse_command(text);
  const auto scheme = text.substr(0, text.find(':'));
  const bool web = scheme.size() < text.size() &&
                   (scheme == "http" || scheme == "https" || scheme == "HTTP" || scheme == "HTTPS");
  if (web) return parse_url_target(text);
  return usage_error(scheme_of(text), "choose https://…, http://…, matrix:ROOM or exec:COMMAND");
}

}  // namespace

Result<std::vector<Notification>> parse_notifications(const std::vector<std::string>& texts,
                                                      const Environment& environment) {
  // Wrong settings of the Hub are reported by the code that asks the Hub.
  const auto settings = find_hub_settings(environment);
  std::vector<Notification> all;
  for (const auto& text : texts) {
    auto one = parse_one(text, environment);
    if (!one) return tl::unexpected(one.error());
    if (!one->secret.empty()) os::forbid_core_dumps();
    if (settings) one->ca_bundle = settings->ca_bundle;
    all.push_back(std::move(*one));
  }
  return all;
}

Result<std::vector<Notification>> parse_notifications(const std::vector<std::string>& texts) {
  return parse_notifications(texts, system_environment());
}

}  // namespace hfaudit
