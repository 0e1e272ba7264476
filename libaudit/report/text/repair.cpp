// The actions of a repair, done or planned: a line an action, the rest for root, and the sum.
#include <algorithm>

#include "base/format.hpp"
#include "base/shell.hpp"
#include "base/sum.hpp"
#include "base/terminal_text.hpp"
#include "report/rest_command.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {
namespace {

// The word before an action, and its colour.
struct Word {
  std::string_view text;
  Color color = Color::note;
};

Word word_of(const RepairLog& log, std::size_t number) {
  const auto& action = log.plan[number];
  if (number >= log.results.size())
    return action.needs_root ? Word{"root", Color::warn} : Word{"plan", Color::note};
  switch (log.results[number].outcome) {
    case Outcome::done:
      return {"done", Color::good};
    case Outcome::skipped:
      return action.needs_root ? Word{"root", Color::warn} : Word{"left", Color::warn};
    case Outcome::failed:
      return {"failed", Color::bad};
  }
  return {};
}

std::string amount_of(const RepairLog& log, std::size_t number) {
  const auto bytes =
      number < log.results.size() ? log.results[number].bytes : log.plan[number].bytes;
  return bytes == 0 ? std::string() : " (" + human_bytes(bytes) + ")";
}

std::string subject_of(const PlannedAction& action) {
  const bool download = action.action == fix::pull && action.repo;
  if (!download) return action.path;
  constexpr std::size_t short_commit = 12;
  return name_of(*action.repo) +
         (action.revision.empty() ? "" : "@" + action.revision.substr(0, short_commit));
}

void write_action(const RepairLog& log, std::size_t number, TextOut& out) {
  const auto& action = log.plan[number];
  const auto word = word_of(log, number);
  constexpr std::size_t word_width = 6, action_width = 10, gaps = 4;
  const auto amount = amount_of(log, number);
  const auto subject =
      out.fit(subject_of(action), word_width + action_width + gaps + columns_of(amount));
  out.line(formatted("{}  {}  {}{}",
                     out.paint(word.color, padded(std::string(word.text), word_width)),
                     padded(action.action, action_width), subject, amount));
  const bool has_detail = number < log.results.size() && !log.results[number].detail.empty();
  const bool why = !has_detail && (out.verbose() || log.dry_run);
  if (has_detail) out.line("        " + printable(log.results[number].detail));
  if (why) out.line(out.paint(Color::faint, "        " + printable(action.reason)));
}

std::string sum_of(const RepairLog& log) {
  const auto count = [&](Outcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(log.results.begin(), log.results.end(),
                      [&](const auto& result) { return result.outcome == outcome; }));
  };
  if (log.dry_run) {
    std::uint64_t pull = 0;
    for (const auto& action : log.plan)
      add_size(pull, action.action == fix::pull ? action.bytes : 0);
    return formatted("planned: {}; {} to pull; nothing was written",
                     counted(log.plan.size(), "action"), human_bytes(pull));
  }
  const auto done = count(Outcome::done);
  const auto left = log.plan.size() - done;
  if (log.plan.empty()) return "repaired: nothing to do";
  return formatted("repaired: {} done{}; {} pulled, {} reclaimed", counted(done, "action"),
                   left == 0 ? std::string() : ", " + grouped(left) + " left",
                   human_bytes(log.received), human_bytes(log.reclaimed));
}

}  // namespace

void write_repair(const RepairLog& log, TextOut& out) {
  constexpr std::size_t most = 40;
  const auto is_reported = [&](std::size_t number) {
    return !out.quiet() ||
           (number < log.results.size() && log.results[number].outcome == Outcome::failed);
  };
  std::vector<std::size_t> listed;
  for (std::size_t number = 0; number < log.plan.size(); ++number) {
    if (is_reported(number)) listed.push_back(number);
  }
  if (!listed.empty()) out.gap();
  const auto shown = out.verbose() || listed.size() <= most ? listed.size() : most;
  for (std::size_t i = 0; i < shown; ++i)
    write_action(log, listed[i], out);
  if (shown < listed.size())
    out.line(formatted("and {} more (-v lists them)", grouped(listed.size() - shown)));
  if (const auto command = rest_command(log); !command.empty()) {
    out.line("The other actions need root. Run:");
    out.line("  $ " + command);
  }
}

void write_repaired(const RepairLog& log, TextOut& out) {
  if (out.quiet()) return;
  out.gap();
  out.line(sum_of(log));
}

}  // namespace hfaudit::report
