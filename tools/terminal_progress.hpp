// Progress for the terminal itself, which shows it in its tab or the taskbar: OSC 9;4, of ConEmu.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hfaudit::cli {

// Whether standard error is a terminal that can move its cursor.
[[nodiscard]] bool draws_bars();

// Whether the terminal is one that shows progress: Windows Terminal, ConEmu, ghostty 1.2, WezTerm
// of 2025, iTerm2 3.6.6, VTE 0.80 (GNOME's terminals). Others take OSC 9 for a notification and
// would show one for each step. Behind tmux and screen the variables are those of the terminal
// around.
[[nodiscard]] bool shows_progress(
    const std::function<std::optional<std::string>(std::string_view)>& variable);

// Reports while it lives, if standard error is such a terminal. There is one at a time. A stop
// signal clears the progress at once, since the second one ends the process.
class TerminalProgress {
 public:
  explicit TerminalProgress(bool silent);
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;
  ~TerminalProgress();  // clears it

  // `share` of the work is done, from 0 to 1; negative: unknown.
  void show(double share);

 private:
  bool on_;
  int shown_ = -2;  // percent; -1: unknown
};

}  // namespace hfaudit::cli
