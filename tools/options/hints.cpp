#include "options/hints.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace hfaudit::cli {
namespace {

// The fewest changes between the two: of one character, or of the order of two neighbours (scna).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1), above, next(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    next[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = row[j] + (a[i] == b[j] ? 0U : 1U);
      next[j + 1] = std::min({changed, next[j] + 1, row[j + 1] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
        next[j + 1] = std::min(next[j + 1], above[j - 1] + 1);
    }
    above = row;
    row = next;
  }
  return row.back();
}

// A word that users bring from other programs, and what to type here.
struct WordHint {
  std::string_view word, text;
};

std::string text_of(std::span<const WordHint> hints, std::string_view word) {
  const auto found = std::find_if(hints.begin(), hints.end(),
                                  [word](const WordHint& hint) { return hint.word == word; });
  return found == hints.end() ? std::string() : std::string(found->text);
}

}  // namespace

std::string closest(std::string_view typed, std::span<const std::string> known) {
  constexpr std::size_t longest_typo = 64;  // longer words are something else than typos
  if (typed.size() > longest_typo) return {};
  constexpr std::size_t short_name = 4;  // two changes make any other word of it
  const std::size_t most =
      typed.size() <= short_name ? 1 : std::max<std::size_t>(2, typed.size() / 3);
  std::size_t least = std::min(typed.size(), most + 1);
  std::string best;
  for (const std::string& name : known) {
    const std::size_t far = distance(typed, name);
    if (far < least) {
      least = far;
      best = name;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string> known) {
  std::string hint = closest(typed, known);
  // the dashes of an option are the same for all
  const auto body = [](std::string_view name) {
    return name.substr(std::min(name.find_first_not_of('-'), name.size()));
  };
  if (body(typed).size() < typed.size() && !hint.empty()) {
    const std::vector<std::string> one{std::string(body(hint))};
    if (closest(body(typed), one).empty()) hint.clear();
  }
  return hint.empty() ? hint : " (did you mean " + hint + "?)";
}

std::string hint_for_option(std::string_view name) {
  constexpr std::array<WordHint, 20> hints{{
      {"--token", "set HF_TOKEN, or log in with `hf auth login` (other users see a command line)"},
      {"--max-workers", "use --jobs, the number of files at once"},
      {"--force-download", "use hfaudit repair --verify, which replaces wrong content only"},
      {"--resume-download", "pull always resumes"},
      {"--local-dir-use-symlinks", "a --local-dir always has plain files"},
      {"--json", "use --format json"},
      {"--html", "use --format html"},
      {"--all", "without a REPO, the whole cache is meant"},
      {"--verify", "use hfaudit verify, or hfaudit repair --verify"},
      {"--repair", "use hfaudit repair"},
      {"--fix", "use hfaudit repair"},
      {"--cache", "use --cache-dir for a hub cache, or --hf-home for the home above it"},
      {"--dir", "use --local-dir, or --cache-dir for a hub cache"},
      {"--threads", "use --jobs"},
      {"--workers", "use --jobs"},
      {"--force", "nothing asks for confirmation; hfaudit repair --verify replaces wrong content"},
      {"--yes", "nothing asks for confirmation"},
      {"-y", "nothing asks for confirmation"},
      {"-n", "use --dry-run"},
      {"-j", "use --jobs"},
  }};
  return text_of(hints, name);
}

std::string hint_for_command(std::string_view name) {
  constexpr std::array<WordHint, 14> hints{{
      {"download", "hfaudit pull"},
      {"get", "hfaudit pull"},
      {"check", "hfaudit scan, or hfaudit verify to read the content"},
      {"audit", "hfaudit scan, or hfaudit verify to read the content"},
      {"ls", "hfaudit scan --verbose"},
      {"list", "hfaudit scan --verbose"},
      {"status", "hfaudit scan"},
      {"fix", "hfaudit repair"},
      {"clean", "hfaudit repair, which removes leftovers"},
      {"prune", "hfaudit repair --only orphans; hf cache prune removes revisions without a ref"},
      {"rm", "hf cache rm, of the Hub's own client"},
      {"delete", "hf cache rm, of the Hub's own client"},
      {"completions", "hfaudit completion"},
      {"hash", "hfaudit verify"},
  }};
  return text_of(hints, name);
}

}  // namespace hfaudit::cli
