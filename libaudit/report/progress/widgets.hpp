// The progress of a download for readers: lines for a log, bars for a terminal. Pure; the output is
// printable() and without line ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/identity.hpp"
#include "hfaudit/pull.hpp"

namespace hfaudit {

// "  [acme/six] 47.3%  10.41 GB / 22.02 GB  18.4 MB/s". The total decides the unit of both amounts:
// GB, or MB, kB or B where it is smaller, so that all lines of a repo have one unit and a log can
// be searched and plotted. The speed is in MB/s. The percentage is rounded down: 100.0% means that
// everything is present. Without a total: "  [acme/six] 10.41 GB  18.4 MB/s". Without a speed, of a
// repo that was present already, the line ends before it.
[[nodiscard]] std::string transfer_line(const RepoId& repo, std::uint64_t bytes,
                                        std::optional<std::uint64_t> total,
                                        std::optional<double> bytes_per_second);

// "  40 s left", "  3 min left", "  2 h 05 min left"; empty beyond a hundred hours.
[[nodiscard]] std::string time_left(double seconds);

// "  [acme/six] Hub returned 503; retrying in 11 s", of PullProgress::note.
[[nodiscard]] std::string waiting_line(const RepoId& repo, std::string_view note);

// A bar a running file and one for the whole, which is the last line. Each has at most `columns`
// columns (0: unknown, then 80), and there are at most `rows` lines: of more files, the last line
// but one has their number. The remaining time is shown where `bytes_per_second` is positive.
[[nodiscard]] std::vector<std::string> transfer_bars(const PullProgress& progress,
                                                     double bytes_per_second, unsigned columns,
                                                     unsigned rows);

// The lines of a log: one a repo every 30 seconds of its transfer and one at its end, and one where
// it begins to wait, without repetitions. Rates are those since the line before.
class TransferLog {
 public:
  // The lines that are due, each with its end; usually empty.
  [[nodiscard]] std::string take(const PullProgress& progress);
  // At the end: of repos whose transfer was under way.
  [[nodiscard]] std::string finish();

 private:
  struct Mark {
    double seconds = 0;
    std::uint64_t received = 0;
  };
  struct Repo {
    Mark last, before;           // the last line, and the one before
    std::uint64_t received = 0;  // while it was this repo's turn
    std::uint64_t bytes = 0, total = 0;
    PullStep step = PullStep::ask;
    bool transferring = false, waiting = false;
    std::string waited_for;  // the note that was shown last
    double reported_s = 0;   // when that was
  };

  [[nodiscard]] std::string waiting(const PullProgress& progress, Repo& repo) const;
  [[nodiscard]] std::string line(const RepoId& id, Repo& repo, bool has_speed = true) const;
  [[nodiscard]] std::string last_line(const RepoId& id, Repo& repo) const;

  std::map<RepoId, Repo> repos_;
  std::optional<RepoId> current_;
  std::uint64_t received_ = 0;  // of all repos
  double seconds_ = 0;
};

// A few lines at the bottom of a terminal, drawn again and again in the same place: returns the
// output for that.
class ScreenBlock {
 public:
  // `lines` take the place of those that were drawn before. Where the terminal has become narrower
  // meanwhile, it has broken those.
  [[nodiscard]] std::string draw(const std::vector<std::string>& lines, unsigned columns);
  [[nodiscard]] std::string wipe(unsigned columns);  // empty where the screen is clear

 private:
  [[nodiscard]] std::string to_its_top(unsigned columns) const;

  std::vector<std::size_t> widths_;  // of the lines that are drawn
};

}  // namespace hfaudit
