// Notifies a target of the end of a run (`--notify`): a web hook, a Matrix room, or a command.
//
//   https://user:password@host/path   a POST of the outcome: hfaudit.notification/1
//   matrix:!room:server               a notice in a Matrix room
//   matrix:#alias:server
//   exec:COMMAND                      `/bin/sh -c COMMAND`, with the JSON report as its input
//
// hfaudit-notify(7) has the details. A Matrix room needs MATRIX_HOMESERVER and MATRIX_ACCESS_TOKEN.
//
// No target gets the token of the Hub, and messages omit the secrets of the targets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hfaudit/layout.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit {

enum class NotifyBy : std::uint8_t { http, matrix, command };

// A target. Made by parse_notifications() alone.
struct Notification {
  NotifyBy by = NotifyBy::http;
  std::string target;  // the URL without its user and password; the room or its alias; the command
  std::string homeserver;  // matrix: MATRIX_HOMESERVER, without a slash at its end
  std::string secret;      // "user:password" of the URL; MATRIX_ACCESS_TOKEN
  std::string ca_bundle;   // as the Hub's: REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE
  std::string shown;  // for messages: "https://host/path", "matrix:#alias:server", "exec:COMMAND"
};

// From the values of --notify, in their order. Errors: usage (an unknown scheme, a missing URL or
// room, a Matrix room without the variables).
[[nodiscard]] Result<std::vector<Notification>> parse_notifications(
    const std::vector<std::string>& texts, const Environment& environment);
// The same, by the process's own environment.
[[nodiscard]] Result<std::vector<Notification>> parse_notifications(
    const std::vector<std::string>& texts);

// Notifies all of them, one after the other; `code` is the exit code of the process. Blocks, for
// minutes if a target is unresponsive; the output of a command goes to standard error. Returns a
// sentence for each that failed; the caller decides about them.
[[nodiscard]] std::vector<std::string> send_notifications(
    const std::vector<Notification>& notifications, const Report& report, ExitCode code);

}  // namespace hfaudit
