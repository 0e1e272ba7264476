#include "digest/sha256_plan.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "hfaudit/layout.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t trial_blocks = 64;  // of each message
constexpr int trial_repeats = 4;          // the best of them counts: other processes interfere
constexpr std::size_t trial_messages = most_hash_streams;

// Messages with states, each a little different.
struct TrialData {
  TrialData() {
    std::uint32_t next = 1;
    for (auto& byte : bytes) {
      next = next * 1664525U + 1013904223U;
      byte = static_cast<unsigned char>(next >> 24U);
    }
    for (std::size_t i = 0; i < trial_messages; ++i)
      blocks.at(i) = bytes.data() + i * trial_blocks * sha256_block;
    restart();
  }
  void restart() {
    for (std::size_t i = 0; i < trial_messages; ++i) {
      states.at(i) = sha256_start;
      states.at(i)[0] += static_cast<std::uint32_t>(i);
      pointers.at(i) = &states.at(i);
    }
  }

  std::vector<unsigned char> bytes =
      std::vector<unsigned char>(trial_messages * trial_blocks * sha256_block);
  std::array<Sha256State, trial_messages> states{};
  std::array<Sha256State*, trial_messages> pointers{};
  std::array<const unsigned char*, trial_messages> blocks{};
};

template <class Function>
double seconds_of(Function function) {
  const auto begin = Clock::now();
  function();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class Function>
double best_seconds(Function function) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < trial_repeats; ++i)
    best = std::min(best, seconds_of(function));
  return best;
}

// For one block of each of two messages, and of one.
struct TrialTimes {
  double two = 0, one = 0;
};

TrialTimes time_alone(const Sha256Kernel& kernel, TrialData& data) {
  constexpr double blocks = trial_blocks;
  TrialTimes times;
  times.two =
      best_seconds([&] {
        kernel.two(data.states[0], data.blocks[0], data.states[1], data.blocks[1], trial_blocks);
      }) /
      blocks;
  times.one =
      best_seconds([&] { kernel.one(data.states[0], data.blocks[0], trial_blocks); }) / blocks;
  return times;
}

bool computes_the_same(const Sha256Lanes& lanes, const Sha256Kernel& alone, TrialData& data) {
  constexpr std::size_t count = 2;
  const std::size_t messages = lanes.lanes + (lanes.beside != 0 ? 1 : 0);
  data.restart();
  auto expected = data.states;
  for (std::size_t i = 0; i < messages; ++i)
    alone.one(expected.at(i), data.blocks.at(i), i < lanes.lanes ? count : count * lanes.beside);
  lanes.advance(data.pointers.data(), data.blocks.data(), count);
  return std::equal(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(messages),
                    data.states.begin());
}

// For one block in each lane; infinite where the lanes are rejected. Some processors take a hundred
// times as long for both kinds of instructions in turns: the first blocks show it.
double time_lanes(const Sha256Lanes& lanes, const Sha256Kernel& alone, TrialData& data,
                  double acceptable) {
  constexpr double hopeless = 8, hopeless_blocks = 2;
  constexpr double never = std::numeric_limits<double>::infinity();
  if (!computes_the_same(lanes, alone, data)) return never;
  const std::size_t blocks = trial_blocks / std::max<std::size_t>(lanes.beside, 1);
  const auto run = [&](std::size_t count) {
    return seconds_of([&] { lanes.advance(data.pointers.data(), data.blocks.data(), count); });
  };
  double first = never;
  for (int i = 0; i < 2; ++i)
    first = std::min(first, run(2));
  if (first > hopeless * hopeless_blocks * acceptable) return never;
  return best_seconds([&] { lanes.advance(data.pointers.data(), data.blocks.data(), blocks); }) /
         static_cast<double>(blocks);
}

void try_lanes(const Sha256Lanes* lanes, const Sha256Lanes* beside, const TrialTimes& alone,
               TrialData& data, Sha256Plan& plan, double& best_rate) {
  if (lanes == nullptr) return;
  constexpr double worth_it = 1.1;  // it wants more files and smaller pieces
  const double count = static_cast<double>(lanes->lanes);
  const double acceptable = alone.one * count;
  const double time = time_lanes(*lanes, *plan.alone, data, acceptable);
  if (!std::isfinite(time)) return;
  const auto choose = [&](double rate, const Sha256Lanes* with_stream) {
    if (rate < best_rate * worth_it) return;
    best_rate = rate;
    plan.lanes = lanes;
    plan.beside = with_stream;
    plan.gain = rate * alone.one;
    // as many messages as `two` hashes in that time
    const double messages = std::min(std::ceil(2 * time / alone.two), count);
    plan.break_even = std::max<std::size_t>(static_cast<std::size_t>(messages), 2);
  };
  choose(count / time, nullptr);
  if (beside == nullptr) return;
  const double both = time_lanes(*beside, *plan.alone, data, acceptable);
  choose((count + static_cast<double>(beside->beside)) / both, beside);
}

bool take_word(std::string_view word, Sha256Choice& choice) {
  struct Name {
    std::string_view name;
    bool Sha256Choice::* member;
  };
  constexpr std::array<Name, 5> names{{{"sha", &Sha256Choice::sha},
                                       {"openssl", &Sha256Choice::openssl},
                                       {"avx2", &Sha256Choice::avx2},
                                       {"avx512", &Sha256Choice::avx512},
                                       {"beside", &Sha256Choice::beside}}};
  const auto* const found = std::ranges::find(names, word, &Name::name);
  if (found == names.end()) return false;
  choice.*(found->member) = true;
  return true;
}

Sha256Choice choice_of_this_process() {
  return sha256_choice(system_environment().get("HFAUDIT_SHA256").value_or(""));
}

}  // namespace

Sha256Choice sha256_choice(std::string_view list) {
  Sha256Choice choice{false, false, false, false, false};
  bool any = false;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    any = take_word(list.substr(0, comma), choice) || any;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return any ? choice : Sha256Choice{};
}

const Sha256Kernel* sha256_alone(const Sha256Choice& choice) {
  if (choice.sha || !choice.openssl) {
    if (const auto* kernel = sha256_x86(); kernel != nullptr) return kernel;
    if (const auto* kernel = sha256_arm(); kernel != nullptr) return kernel;
  }
  return sha256_openssl();
}

Sha256Plan sha256_trial(const Sha256Choice& choice) {
  Sha256Plan plan;
  plan.alone = sha256_alone(choice);
  const bool any =
      (choice.avx2 && sha256_avx2() != nullptr) || (choice.avx512 && sha256_avx512() != nullptr);
  if (plan.alone == nullptr || !any) return plan;
  TrialData data;
  const auto alone = time_alone(*plan.alone, data);
  double best_rate = 2 / alone.two;
  const bool beside = choice.beside && choice.sha;
  if (choice.avx2)
    try_lanes(sha256_avx2(), beside ? sha256_avx2_beside() : nullptr, alone, data, plan, best_rate);
  if (choice.avx512)
    try_lanes(sha256_avx512(), beside ? sha256_avx512_beside() : nullptr, alone, data, plan,
              best_rate);
  return plan;
}

const Sha256Plan& sha256_quick_plan() {
  static const Sha256Plan plan{sha256_alone(choice_of_this_process())};
  return plan;
}

const Sha256Plan& sha256_best_plan() {
  static const Sha256Plan plan = sha256_trial(choice_of_this_process());
  return plan;
}

}  // namespace hfaudit
