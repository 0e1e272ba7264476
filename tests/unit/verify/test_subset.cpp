// Dividing a verify into parts, and drawing a sample.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "catch_any.hpp"
#include "hfaudit/units.hpp"
#include "verify/subset.hpp"

using namespace hfaudit;

namespace {

std::vector<Unit> units_of(std::mt19937_64& rng, std::size_t count) {
  constexpr std::array<std::uint64_t, 5> most = {1, 100, 5'000, 1'000'000, 5'000'000'000};
  std::vector<Unit> units;
  for (std::size_t i = 0; i < count; ++i)
    units.push_back(
        {"models--a--b/blobs/" + std::to_string(i), rng() % most.at(rng() % most.size())});
  return units;
}

std::uint64_t bytes_of(const std::vector<Unit>& units, const std::vector<std::size_t>& numbers) {
  std::uint64_t bytes = 0;
  for (const auto i : numbers)
    bytes += units[i].size;
  return bytes;
}

Subset subset(const std::string& text) {
  return parse_subset(text).value();
}

}  // namespace

TEST_CASE("the parts of a job hold each file exactly once, and are even by bytes") {
  std::mt19937_64 rng(1);
  for (const std::size_t count : {0U, 1U, 5U, 17U, 400U}) {
    const auto units = units_of(rng, count);
    std::uint64_t total = 0, largest = 0;
    for (const auto& unit : units) {
      total += unit.size;
      largest = std::max(largest, unit.size);
    }
    for (unsigned of = 1; of <= 17; ++of) {
      std::multiset<std::size_t> seen;
      for (unsigned part = 1; part <= of; ++part) {
        const auto chosen =
            choose(units, subset(std::to_string(part) + "/" + std::to_string(of)), rng);
        seen.insert(chosen.begin(), chosen.end());
        CHECK(bytes_of(units, chosen) <= total / of + largest + 4096 * units.size());
      }
      CHECK(seen.size() == units.size());
      CHECK(std::set<std::size_t>(seen.begin(), seen.end()).size() == units.size());
    }
  }
}

TEST_CASE("a partition does not depend on the order in which files were found") {
  std::mt19937_64 rng(2);
  auto units = units_of(rng, 100);
  const auto names = [&](const Subset& part) {
    std::vector<std::string> paths;
    for (const auto i : choose(units, part, rng))
      paths.push_back(units[i].path);
    return paths;
  };
  const auto before = names(subset("2/7"));
  const auto listing = listing_of(units);
  std::shuffle(units.begin(), units.end(), rng);
  CHECK(names(subset("2/7")) == before);
  CHECK(listing_of(units) == listing);
  CHECK(listing.size() == 16);
  units.front().size += 1;
  CHECK(listing_of(units) != listing);
}

TEST_CASE("a share or an amount is drawn at random") {
  std::mt19937_64 rng(3);
  std::vector<Unit> units;
  for (int i = 0; i < 1000; ++i)
    units.push_back({std::to_string(i), 1000});
  CHECK(choose(units, subset("10%"), rng).size() == 100);
  CHECK(choose(units, subset("100%"), rng).size() == 1000);
  CHECK(choose(units, subset("0.0001%"), rng).size() == 1);
  CHECK(choose(units, subset("50k"), rng).size() == 50);
  CHECK(choose(units, subset("1"), rng).size() == 1);
  CHECK(choose(units, subset("1T"), rng).size() == 1000);
  CHECK(choose(units, subset("10%"), rng) != choose(units, subset("10%"), rng));
  CHECK(choose({}, subset("10%"), rng).empty());
}

TEST_CASE("what is no subset is refused") {
  for (const std::string text :
       {"", "/", "1/", "/2", "0/2", "3/2", "1/2/3", "-1/2", "1.5/2", "%", "0%", "101%", "x%", "0",
        "G", "5X", "1/99999999", "nan%", "10 %"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_subset(text));
  }
}

TEST_CASE("amounts as people write them") {
  CHECK(parse_bytes("0") == 0U);
  CHECK(parse_bytes("1000") == 1000U);
  CHECK(parse_bytes("50G") == 50'000'000'000U);
  CHECK(parse_bytes("1.5k") == 1500U);
  CHECK(parse_bytes("64MiB") == 64U << 20U);
  CHECK(parse_bytes("64Mi") == 64U << 20U);
  CHECK(parse_bytes("100MB") == 100'000'000U);
  CHECK(parse_bytes("7B") == 7U);
  for (const std::string_view text :
       {"", "G", "-1", "1X", "1GG", "1e400", "99999P", "1.2.3", "inf", "0x10", "1 G"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_bytes(text));
  }
}

TEST_CASE("durations as people write them") {
  using namespace std::chrono_literals;
  CHECK(parse_duration("90") == 90s);
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("2d") == 48h);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("0") == 0s);
  for (const std::string_view text : {"", "s", "1y", "-1s", "1h30x", "soon", "99999d", "1 h"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

namespace {

Environment environment_of(std::map<std::string, std::string> variables) {
  Environment environment;
  environment.get = [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return environment;
}

std::string array_part(std::map<std::string, std::string> variables) {
  const auto part = array_subset(environment_of(std::move(variables)));
  if (!part) return part.error().cause;
  return std::to_string(part->part) + "/" + std::to_string(part->of);
}

std::map<std::string, std::string> slurm(int id, int least, int most, int step, int count) {
  return {{"SLURM_ARRAY_TASK_ID", std::to_string(id)},
          {"SLURM_ARRAY_TASK_MIN", std::to_string(least)},
          {"SLURM_ARRAY_TASK_MAX", std::to_string(most)},
          {"SLURM_ARRAY_TASK_STEP", std::to_string(step)},
          {"SLURM_ARRAY_TASK_COUNT", std::to_string(count)}};
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the task of a Slurm array knows its part, wherever its ids begin") {
  CHECK(array_part(slurm(1, 1, 8, 1, 8)) == "1/8");
  CHECK(array_part(slurm(8, 1, 8, 1, 8)) == "8/8");
  CHECK(array_part(slurm(0, 0, 7, 1, 8)) == "1/8");
  CHECK(array_part(slurm(7, 0, 7, 1, 8)) == "8/8");
  CHECK(array_part(slurm(14, 10, 16, 2, 4)) == "3/4");
}

TEST_CASE("an array with gaps needs the number of parts") {
  CHECK(says(array_part(slurm(3, 3, 5, 1, 2)), "HFAUDIT_SUBSET_OF"));
  CHECK(says(array_part(slurm(13, 10, 16, 2, 4)), "HFAUDIT_SUBSET_OF"));
  auto again = slurm(5, 3, 5, 1, 2);
  again["HFAUDIT_SUBSET_OF"] = "8";
  CHECK(array_part(again) == "5/8");
  again["SLURM_ARRAY_TASK_ID"] = "0";
  CHECK(says(array_part(again), "--array=1-8"));
  again["SLURM_ARRAY_TASK_ID"] = "9";
  CHECK(says(array_part(again), "--array=1-8"));
  CHECK(says(array_part({{"SLURM_ARRAY_TASK_ID", "1"}}), "HFAUDIT_SUBSET_OF"));
}

TEST_CASE("an indexed Job counts from 0") {
  CHECK(array_part({{"JOB_COMPLETION_INDEX", "0"}, {"HFAUDIT_SUBSET_OF", "4"}}) == "1/4");
  CHECK(array_part({{"JOB_COMPLETION_INDEX", "3"}, {"HFAUDIT_SUBSET_OF", "4"}}) == "4/4");
  CHECK(says(array_part({{"JOB_COMPLETION_INDEX", "4"}, {"HFAUDIT_SUBSET_OF", "4"}}), "is 4"));
  CHECK(says(array_part({{"JOB_COMPLETION_INDEX", "0"}}), "HFAUDIT_SUBSET_OF"));
  CHECK(says(array_part({}), "array job?"));
  CHECK(says(array_part({{"JOB_COMPLETION_INDEX", "x"}, {"HFAUDIT_SUBSET_OF", "4"}}), "no number"));
  CHECK(
      says(array_part({{"JOB_COMPLETION_INDEX", "-1"}, {"HFAUDIT_SUBSET_OF", "4"}}), "no number"));
}
