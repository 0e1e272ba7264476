#include "terminal_progress.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

#include "base/format.hpp"
#include "hfaudit/layout.hpp"
#include "os/output.hpp"
#include "os/stop_signals.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view clear_progress = "\x1b]9;4;0\x1b\\";

// A stop signal clears the display; from then on the display stays empty.
std::mutex progress_mutex;
bool progress_is_shown = false, progress_has_stopped = false;

void stop_terminal_progress() {
  const std::lock_guard lock(progress_mutex);
  progress_has_stopped = true;
  if (progress_is_shown) os::write_if_ready(os::standard_error, clear_progress);
  progress_is_shown = false;
}

// "1.2.3", "20250210-…": whether the version is at least `least`, number by number.
bool is_version_from(std::string_view text, std::initializer_list<unsigned long> least) {
  for (const unsigned long wanted : least) {
    unsigned long number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || number < wanted) return false;
    if (number > wanted) return true;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    text.remove_prefix(text.empty() ? 0 : 1);
  }
  return true;
}

}  // namespace

bool draws_bars() {
  const auto terminal = system_environment().get("TERM");
  return os::is_terminal(os::standard_error) && terminal && *terminal != "dumb";
}

bool shows_progress(const std::function<std::optional<std::string>(std::string_view)>& variable) {
  const auto value = [&variable](std::string_view name) {
    return variable(name).value_or(std::string());
  };
  const std::string terminal = value("TERM"), program = value("TERM_PROGRAM"),
                    version = value("TERM_PROGRAM_VERSION");
  if (!value("TMUX").empty() || !value("STY").empty() || terminal.starts_with("tmux") ||
      terminal.starts_with("screen"))
    return false;
  if (!value("WT_SESSION").empty() || value("ConEmuANSI") == "ON") return true;
  if (program == "ghostty") return is_version_from(version, {1, 2});
  if (program == "WezTerm") return is_version_from(version, {20250210});
  if (program == "iTerm.app") return is_version_from(version, {3, 6, 6});
  return program.empty() && is_version_from(value("VTE_VERSION"), {8000});
}

TerminalProgress::TerminalProgress(bool silent)
    : on_(!silent && draws_bars() && shows_progress(system_environment().get)) {
  if (on_) os::at_stop_signal(stop_terminal_progress);
}

TerminalProgress::~TerminalProgress() {
  if (!on_) return;
  const std::lock_guard lock(progress_mutex);
  if (progress_is_shown) os::write_if_ready(os::standard_error, clear_progress);
  progress_is_shown = false;
}

void TerminalProgress::show(double share) {
  if (!on_) return;
  constexpr double whole = 100;
  const int percent = share < 0 ? -1 : static_cast<int>(std::min(share, 1.0) * whole);
  if (percent == shown_) return;
  const std::lock_guard lock(progress_mutex);
  if (progress_has_stopped) return;
  shown_ = percent;
  progress_is_shown = true;
  os::write_if_ready(os::standard_error,
                     percent < 0 ? "\x1b]9;4;3\x1b\\" : formatted("\x1b]9;4;1;{}\x1b\\", percent));
}

}  // namespace hfaudit::cli
