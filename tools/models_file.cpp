#include "models_file.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/format.hpp"
#include "os/input.hpp"
#include "requests.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

// A `#` inside a word is part of it: a branch may be called fix#1.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || blanks.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  }
  return line;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

Result<std::vector<std::string>> parse_models(const std::string& name, std::string_view text,
                                              RepoType fallback) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<std::string> repos;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::string repo{trimmed(without_comment(line))};
    if (repo.empty()) continue;
    if (const auto parsed = parse_repo(repo, fallback); !parsed) {
      return failure("use", formatted("{}:{}", name, number),
                     formatted("{} is no REPO: {}", repo, parsed.error().cause));
    }
    repos.push_back(std::move(repo));
  }
  return repos;
}

Result<std::vector<std::string>> read_models(const std::string& path, RepoType fallback) {
  // more than all repos of the Hub
  constexpr std::uint64_t most_models_bytes = std::uint64_t{64} << 20U;
  const auto text = os::read_file(path, most_models_bytes);
  if (!text) return tl::unexpected<Error>(text.error());
  return parse_models(path == "-" ? "standard input" : path, *text, fallback);
}

}  // namespace hfaudit::cli
