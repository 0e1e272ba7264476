#include "options/hints.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace hfaudit::cli {
namespace {

// Levenshtein's distance: the fewest single-character changes between the two.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string closest(std::string_view typed, std::span<const std::string> known) {
  constexpr std::size_t longest_typo = 64;  // longer words are something else than typos
  if (typed.size() > longest_typo) return {};
  std::size_t least = std::min(typed.size(), std::max<std::size_t>(2, typed.size() / 3) + 1);
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
  const std::string hint = closest(typed, known);
  return hint.empty() ? hint : " (did you mean " + hint + "?)";
}

std::string hint_for_option(std::string_view name) {
  struct Hint {
    std::string_view option, text;
  };
  constexpr std::array<Hint, 5> hints{{
      {"--token", "set HF_TOKEN, or log in with `hf auth login` (other users see a command line)"},
      {"--max-workers", "use --jobs, the number of files at once"},
      {"--force-download", "use hfaudit repair --verify, which replaces wrong content only"},
      {"--resume-download", "pull always resumes"},
      {"--local-dir-use-symlinks", "a --local-dir always has plain files"},
  }};
  for (const Hint& hint : hints) {
    if (hint.option == name) return std::string(hint.text);
  }
  return {};
}

}  // namespace hfaudit::cli
