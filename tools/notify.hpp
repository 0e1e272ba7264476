// --notify, for the commands that have it.
#pragma once

#include <string>
#include <vector>

#include "hfaudit/notify.hpp"
#include "hfaudit/report.hpp"

namespace CLI {
class App;
}

namespace hfaudit::cli {

// May be given often. parse_notifications() makes of `targets` what send() takes.
void add_notify_option(CLI::App& command, std::vector<std::string>& targets);

// Tells them all; what fails is said on standard error, and changes nothing.
void send(const std::vector<Notification>& notifications, const Report& report, int code);

}  // namespace hfaudit::cli
