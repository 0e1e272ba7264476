#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.hpp"
#include "base/terminal_text.hpp"
#include "hfaudit/render.hpp"
#include "report/progress/widgets.hpp"

namespace hfaudit {
namespace {

constexpr double mega = 1e6;

struct ByteUnit {
  double bytes;
  std::string_view name;
  int decimals;
};

// GB for all but small amounts, which would be 0.00 GB throughout.
ByteUnit unit_for(std::uint64_t bytes) {
  constexpr ByteUnit units[] = {{1e9, "GB", 2}, {1e6, "MB", 2}, {1e3, "kB", 2}, {1, "B", 0}};
  const auto unit = std::find_if(std::begin(units), std::end(units) - 1, [bytes](ByteUnit one) {
    return static_cast<double>(bytes) >= one.bytes;
  });
  return *unit;
}

std::string in_unit(std::uint64_t bytes, ByteUnit unit) {
  return formatted("{:.{}f} {}", static_cast<double>(bytes) / unit.bytes, unit.decimals, unit.name);
}

double share_of(std::uint64_t bytes, std::uint64_t total) {
  if (total == 0) return 1;
  return static_cast<double>(std::min(bytes, total)) / static_cast<double>(total);
}

// Compares the bytes first: of a petabyte, a byte that is missing is lost in a double.
std::string percent_of(std::uint64_t bytes, std::uint64_t total) {
  constexpr double thousand = 1000, ten = 10, most_shown_value = 99.9;
  if (bytes >= total) return "100.0%";
  return formatted("{:.1f}%",
                   std::min(std::floor(share_of(bytes, total) * thousand) / ten, most_shown_value));
}

std::string bar_of(double share, std::size_t width) {
  const auto filled = std::min(width, static_cast<std::size_t>(share * static_cast<double>(width)));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] ";
}

// `text` with a bar before it where there is room for one.
std::string with_bar(const std::string& text, double share, std::size_t limit) {
  // brackets and a space
  constexpr std::size_t widest_bar = 40, narrowest_bar = 5, frame_width = 3;
  const std::size_t taken = columns_of(text) + frame_width;
  if (limit < taken + narrowest_bar) return cut_middle(text, limit);
  return bar_of(share, std::min(widest_bar, limit - taken)) + text;
}

std::string line_of(const RunningFile& file, std::size_t limit) {
  constexpr std::size_t usual_bar = 20, frame_width = 3, least_name = 24, indent_width = 2,
                        amounts_width = 19;
  const std::string amounts =
      formatted("{:>6}  {}", percent_of(file.bytes, file.size), human_bytes(file.size));
  const std::size_t taken = indent_width + amounts_width;
  std::string line(indent_width, ' ');
  std::size_t left = limit > taken ? limit - taken : 0;
  if (left >= usual_bar + frame_width + least_name) {
    line += bar_of(share_of(file.bytes, file.size), usual_bar);
    left -= usual_bar + frame_width;
  }
  line += padded(amounts, amounts_width) + cut_middle(printable(file.path), left);
  return cut_middle(line, limit);
}

std::string heading_of(const PullProgress& progress) {
  std::string name = printable(progress.repo.name());
  if (progress.repos < 2) return name;
  if (progress.step == PullStep::verify) return formatted("{} repos", progress.repos);
  return formatted("{} ({} of {})", name, progress.number, progress.repos);
}

std::string_view doing(PullStep step) {
  switch (step) {
    case PullStep::ask:
      return "asking the Hub";
    case PullStep::check:
      return "checking what is here";
    case PullStep::verify:
      return "verifying";
    case PullStep::transfer:
    case PullStep::wait:
      return {};
  }
  return {};
}

// The most important first: texts beyond the width are left out from the end.
std::string total_of(const PullProgress& progress, double speed, std::size_t limit) {
  if (progress.step == PullStep::ask) {
    return cut_middle(formatted("{}: {}", heading_of(progress), doing(progress.step)), limit);
  }
  std::vector<std::string> parts{
      percent_of(progress.bytes, progress.bytes_total),
      formatted("  {} / {}", human_bytes(progress.bytes), human_bytes(progress.bytes_total))};
  if (const std::string_view what = doing(progress.step); !what.empty())
    parts.push_back(formatted("  {}", what));
  if (progress.step == PullStep::transfer && speed >= 1) {
    parts.push_back(formatted("  {}/s", human_bytes(static_cast<std::uint64_t>(speed))));
    const std::uint64_t left =
        progress.bytes_total - std::min(progress.bytes, progress.bytes_total);
    if (left > 0) parts.push_back(time_left(static_cast<double>(left) / speed));
  }
  std::string text;
  for (const std::string& part : parts) {
    if (text.size() + part.size() > limit) break;
    text += part;
  }
  return with_bar(text, share_of(progress.bytes, progress.bytes_total), limit);
}

// Above the total: its repo, and the reason for waiting.
std::string head_of(const PullProgress& progress, std::size_t limit) {
  std::string text = heading_of(progress);
  if (progress.files_total > 0)
    text += formatted("  {} of {} files", progress.files, progress.files_total);
  if (progress.note.empty()) return cut_middle(text, limit);
  // The reason for waiting is more important than the count.
  return cut_middle(formatted("{}: {}", heading_of(progress), printable(progress.note)), limit);
}

}  // namespace

std::string time_left(double seconds) {
  constexpr double minute_s = 60, hour_s = 3600, most_shown_value = 100 * hour_s;
  if (!(seconds < most_shown_value)) return {};
  if (seconds < minute_s) return formatted("  {:.0f} s left", std::ceil(seconds));
  if (seconds < hour_s) return formatted("  {:.0f} min left", std::ceil(seconds / minute_s));
  return formatted("  {:.0f} h {:02.0f} min left", std::floor(seconds / hour_s),
                   std::floor(std::fmod(seconds, hour_s) / minute_s));
}

std::string transfer_line(const RepoId& repo, std::uint64_t bytes,
                          std::optional<std::uint64_t> total,
                          std::optional<double> bytes_per_second) {
  const std::uint64_t shown = std::min(bytes, total.value_or(bytes));
  const std::string name = printable(repo.name());
  const ByteUnit unit = unit_for(total.value_or(bytes));
  std::string speed;
  if (bytes_per_second) speed = formatted("  {:.1f} MB/s", std::max(*bytes_per_second, 0.0) / mega);
  if (!total) return formatted("  [{}] {}{}", name, in_unit(shown, unit), speed);
  return formatted("  [{}] {}  {} / {}{}", name, percent_of(shown, *total), in_unit(shown, unit),
                   in_unit(*total, unit), speed);
}

std::string waiting_line(const RepoId& repo, std::string_view note) {
  return formatted("  [{}] {}", printable(repo.name()), printable(note));
}

std::vector<std::string> transfer_bars(const PullProgress& progress, double bytes_per_second,
                                       unsigned columns, unsigned rows) {
  constexpr std::size_t usual_columns = 80;
  const std::size_t limit = columns == 0 ? usual_columns : columns;
  std::vector<std::string> lines;
  if (progress.step != PullStep::ask && rows > 1) lines.push_back(head_of(progress, limit));
  const std::size_t room = rows > 2 ? rows - 2 : 0;  // but for the head and the total
  const std::size_t all = progress.running.size();
  const std::size_t shown = all <= room ? all : room - std::min<std::size_t>(room, 1);
  for (std::size_t i = 0; i < shown; ++i)
    lines.push_back(line_of(progress.running[i], limit));
  if (shown < all && room > 0)
    lines.push_back(cut_middle(formatted("  and {} more", all - shown), limit));
  lines.push_back(total_of(progress, bytes_per_second, limit));
  return lines;
}

}  // namespace hfaudit
