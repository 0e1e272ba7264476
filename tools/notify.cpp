#include "notify.hpp"

#include <CLI/CLI.hpp>

#include "common.hpp"

namespace hfaudit::cli {

void add_notify_option(CLI::App& command, std::vector<std::string>& targets) {
  command
      .add_option(
          "--notify", targets,
          "Tell how it ended: an http(s) URL, matrix:ROOM or exec:COMMAND; may be repeated; hfaudit-notify(7)")
      ->type_name("TARGET")
      ->allow_extra_args(false)
      ->take_all();
}

void send(const std::vector<Notification>& notifications, const Report& report, int code) {
  for (const auto& trouble : send_notifications(notifications, report, static_cast<ExitCode>(code)))
    complain(trouble);
}

}  // namespace hfaudit::cli
