#include "status_line.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "os/output.hpp"
#include "terminal_progress.hpp"

namespace hfaudit::cli {
namespace {

// Displays and messages of all threads end the line.
struct StatusState {
  std::mutex mutex;
  std::string text;
  bool active = false, drawn = false;
};

StatusState& status_state() {
  static StatusState state;
  return state;
}

void wipe(StatusState& state) {
  if (state.drawn) os::write_if_ready(os::standard_error, "\r\x1b[K");
  state.drawn = state.active = false;
}

// ", 1,234 of 10,000 repos" while several repos are walked.
std::string repos_text(const AuditProgress* progress) {
  if (progress == nullptr) return {};
  const std::size_t done = progress->repos_done, total = progress->repos_total;
  return done < total && total > 1 ? formatted(", {} of {} repos", grouped(done), grouped(total))
                                   : std::string();
}

}  // namespace

StatusLine::StatusLine(bool silent, std::string_view text,
                       std::shared_ptr<const AuditProgress> progress)
    : progress_(std::move(progress)) {
  if (silent || !draws_bars()) return;
  StatusState& state = status_state();
  const std::lock_guard lock(state.mutex);
  state.text = text;
  state.active = true;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    state.active = false;  // where threads are short, the work goes first
  }
}

StatusLine::~StatusLine() {
  if (!thread_.joinable()) return;
  end_status();
  ended_.notify_all();
  thread_.join();
}

void StatusLine::run() {
  using Clock = std::chrono::steady_clock;
  constexpr auto between = std::chrono::milliseconds(900);
  StatusState& state = status_state();
  const auto began = Clock::now();
  std::unique_lock lock(state.mutex);
  while (!ended_.wait_for(lock, between, [&state] { return !state.active; })) {
    if (state.text.empty()) continue;
    const auto seconds = std::chrono::round<std::chrono::seconds>(Clock::now() - began).count();
    std::string line = formatted("{}{}, {} s", state.text, repos_text(progress_.get()), seconds);
    const std::size_t columns = os::terminal_columns(os::standard_error);
    if (columns > 1 && line.size() >= columns) line.resize(columns - 1);
    os::write_if_ready(os::standard_error, "\r" + line + "\x1b[K");
    state.drawn = true;
  }
}

void set_status(std::string_view text) {
  StatusState& state = status_state();
  const std::lock_guard lock(state.mutex);
  state.text = text;
}

void end_status() {
  StatusState& state = status_state();
  const std::lock_guard lock(state.mutex);
  wipe(state);
}

}  // namespace hfaudit::cli
