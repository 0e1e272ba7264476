#include "verify/subset.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <queue>
#include <string_view>

#include "base/sum.hpp"
#include "base/whole_number.hpp"
#include "hfaudit/units.hpp"

namespace hfaudit {
namespace {

std::optional<unsigned> parse_count(std::string_view text) {
  constexpr unsigned most = 1'000'000;
  const auto count = whole_number<unsigned>(text);
  return count && *count > 0 && *count <= most ? count : std::nullopt;
}

std::vector<std::size_t> deal_out(const std::vector<Unit>& units, unsigned part, unsigned of) {
  using Load = std::pair<std::uint64_t, unsigned>;  // bytes, part
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (unsigned i = 1; i <= of; ++i)
    loads.emplace(0, i);
  std::vector<std::size_t> chosen;
  for (const auto i : by_falling_size(units)) {
    auto [bytes, to] = loads.top();
    loads.pop();
    if (to == part) chosen.push_back(i);
    constexpr std::uint64_t opening = 4096;  // a file has its price, however small
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const auto size = std::min(units[i].size, most - opening) + opening;
    loads.emplace(bytes + std::min(size, most - bytes), to);
  }
  return chosen;
}

std::vector<std::size_t> draw(const std::vector<Unit>& units, std::uint64_t target, bool may_exceed,
                              std::mt19937_64& rng) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), rng);
  std::vector<std::size_t> chosen;
  std::uint64_t bytes = 0;
  for (const auto i : order) {
    if (bytes >= target) break;
    if (!may_exceed && !chosen.empty() && plus(bytes, units[i].size) > target) continue;
    chosen.push_back(i);
    add_size(bytes, units[i].size);
  }
  std::sort(chosen.begin(), chosen.end(),
            [&](std::size_t a, std::size_t b) { return units[a].size > units[b].size; });
  return chosen;
}

}  // namespace

Result<Subset> parse_subset(const std::string& text) {
  Subset subset;
  subset.asked = text;
  const auto wrong =
      failure("use --subset", text, "choose n/t (part n of t), a share (10%) or an amount (50G)");
  if (const auto slash = text.find('/'); slash != std::string::npos) {
    const auto part = parse_count(std::string_view(text).substr(0, slash));
    const auto of = parse_count(std::string_view(text).substr(slash + 1));
    if (!part || !of || *part > *of) return wrong;
    subset.part = *part;
    subset.of = *of;
    return subset;
  }
  if (text.ends_with('%')) {
    constexpr double hundred = 100;
    double share = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [stop, problem] = std::from_chars(text.data(), end, share);
    const bool sensible = share > 0 && share <= hundred;  // NaN fails both comparisons
    if (problem != std::errc{} || stop != end || !sensible) return wrong;
    subset.share = share / hundred;
    return subset;
  }
  const auto bytes = parse_bytes(text);
  if (!bytes || *bytes == 0) return wrong;
  subset.bytes = *bytes;
  return subset;
}

std::vector<std::size_t> by_falling_size(const std::vector<Unit>& units) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return units[a].size != units[b].size ? units[a].size > units[b].size
                                          : units[a].path < units[b].path;
  });
  return order;
}

std::vector<std::size_t> choose(const std::vector<Unit>& units, const Subset& subset,
                                std::mt19937_64& rng) {
  if (subset.of != 0) return deal_out(units, subset.part, subset.of);
  if (subset.bytes != 0) return draw(units, subset.bytes, false, rng);
  double bytes = 0;
  for (const auto& unit : units)
    bytes += static_cast<double>(unit.size);
  return draw(units, std::max<std::uint64_t>(static_cast<std::uint64_t>(bytes * subset.share), 1),
              true, rng);
}

// FNV-1a of each path and size, added up, which is independent of the order.
std::string listing_of(const std::vector<Unit>& units) {
  constexpr std::uint64_t basis = 14695981039346656037U, prime = 1099511628211U;
  std::uint64_t sum = 0;
  for (const auto& unit : units) {
    std::uint64_t hash = basis;
    for (const char c : unit.path + "\n" + std::to_string(unit.size))
      hash = (hash ^ static_cast<unsigned char>(c)) * prime;
    sum += hash;
  }
  std::string text(16, '0');
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), sum, 16).ptr;
  std::copy_backward(digits.data(), end, text.end());
  return text;
}

}  // namespace hfaudit
