// The schedule of messages in lanes: which kernel gets how much, and that all end as they do alone.
#include <functional>

#include "catch_any.hpp"
#include "lane_cases.hpp"

using namespace hfaudit;

namespace {

void plain_two(Sha256State& a, const unsigned char* a_blocks, Sha256State& b,
               const unsigned char* b_blocks, std::size_t count) {
  advance_plainly(a, a_blocks, count);
  advance_plainly(b, b_blocks, count);
}

// Lanes in plain C++, which count what they are given.
struct Calls {
  std::size_t lanes = 0, beside = 0, one = 0, two = 0;  // blocks of each message
};
Calls calls;

template <std::size_t Lanes>
void plain_lanes(Sha256State* const* states, const unsigned char* const* blocks,
                 std::size_t count) {
  calls.lanes += count;
  for (std::size_t lane = 0; lane < Lanes; ++lane)
    advance_plainly(*states[lane], blocks[lane], count);
}

void plain_beside(Sha256State* const* states, const unsigned char* const* blocks,
                  std::size_t count) {
  calls.beside += count;
  for (std::size_t lane = 0; lane < 4; ++lane)
    advance_plainly(*states[lane], blocks[lane], count);
  advance_plainly(*states[4], blocks[4], 3 * count);
}

void counted_one(Sha256State& state, const unsigned char* blocks, std::size_t count) {
  calls.one += count;
  advance_plainly(state, blocks, count);
}

void counted_two(Sha256State& a, const unsigned char* a_blocks, Sha256State& b,
                 const unsigned char* b_blocks, std::size_t count) {
  calls.two += count;
  plain_two(a, a_blocks, b, b_blocks, count);
}

constexpr Sha256Kernel counted_kernel{"counted", counted_one, counted_two, true};
constexpr Sha256Lanes four_lanes{"four", 4, 0, plain_lanes<4>};
constexpr Sha256Lanes four_beside{"four beside", 4, 3, plain_beside};

Sha256Plan plan_of(const Sha256Lanes* lanes, const Sha256Lanes* beside, std::size_t break_even) {
  Sha256Plan plan;
  plan.alone = &counted_kernel;
  plan.lanes = lanes;
  plan.beside = beside;
  plan.break_even = break_even;
  return plan;
}

// Hashes messages of so many blocks, and compares each with itself alone.
Calls hash_counts(const Sha256Plan& plan, const std::vector<std::size_t>& counts) {
  const auto bytes = lane_noise(200 * sha256_block + 40, 7);
  std::mt19937 random(8);
  std::vector<Sha256State> states(counts.size()), expected;
  std::vector<LaneWork> work;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::ranges::generate(states[i], std::ref(random));
    work.push_back({&states[i], bytes.data() + random() % (100 * sha256_block), counts[i]});
    expected.push_back(states[i]);
    advance_plainly(expected[i], work[i].blocks, counts[i]);
  }
  calls = {};
  hash_blocks(plan, work);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    INFO("message " << i << " of " << counts.size());
    REQUIRE(states[i] == expected[i]);
  }
  return calls;
}

}  // namespace

TEST_CASE("lanes: the schedule keeps them full, and leaves the rest to the other kernel") {
  const auto plan = plan_of(&four_lanes, nullptr, 3);
  auto done = hash_counts(plan, {10, 10, 10, 10});
  CHECK((done.lanes == 10 && done.one == 0 && done.two == 0));
  // the longest first; a lane whose message is over takes the next one
  done = hash_counts(plan, {4, 20, 4, 20, 4, 20, 4, 4});
  CHECK((done.lanes == 20 && done.one == 0 && done.two == 0));
  done = hash_counts(plan, {10, 10});  // two lanes do not pay
  CHECK((done.lanes == 0 && done.two == 10 && done.one == 0));
  done = hash_counts(plan, {50, 10, 10, 10});  // nor does one
  CHECK((done.lanes == 10 && done.one == 40 && done.two == 0));
  done = hash_counts(plan, {9, 8, 7, 0, 0});
  CHECK((done.lanes == 7 && done.two == 1 && done.one == 1));
  done = hash_counts(plan, {0, 0, 0, 0});
  CHECK((done.lanes == 0 && done.two == 0 && done.one == 0));
}

TEST_CASE("lanes: without them messages are hashed in pairs") {
  const auto plan = plan_of(nullptr, nullptr, 0);
  CHECK(plan.streams() == 2);
  auto done = hash_counts(plan, {7, 7, 7, 7});
  CHECK((done.two == 14 && done.one == 0));
  done = hash_counts(plan, {9, 5, 4});
  CHECK((done.two == 9 && done.one == 0));
  done = hash_counts(plan, {9});
  CHECK((done.two == 0 && done.one == 9));
  hash_counts(plan, {});
}

TEST_CASE("lanes: a stream beside them takes messages one after the other") {
  const auto plan = plan_of(&four_lanes, &four_beside, 2);
  CHECK(plan.streams() == 7);
  auto done = hash_counts(plan, {12, 12, 12, 12, 12, 12, 12});
  CHECK((done.beside == 12 && done.lanes == 0 && done.one == 0 && done.two == 0));
  done = hash_counts(plan, {12, 12, 12, 12});  // nothing for it to do
  CHECK((done.beside == 0 && done.lanes == 12));
  done = hash_counts(plan, {12, 12, 12, 12, 2});  // less than a step of it
  CHECK((done.beside == 0 && done.lanes == 12 && done.one == 2));
}

TEST_CASE("lanes: any messages in any plan end as they do alone") {
  std::mt19937 random(12);
  auto plans = plans_here();
  plans.push_back(plan_of(&four_lanes, nullptr, 1));
  plans.push_back(plan_of(&four_lanes, &four_beside, 4));
  for (const auto& plan : plans) {
    for (int round = 0; round < 20; ++round) {
      std::vector<std::size_t> counts(random() % (most_hash_streams + 1));
      for (auto& count : counts)
        count = random() % 4 == 0 ? 0 : random() % (round % 2 == 0 ? 30 : 5);
      hash_counts(plan, counts);
    }
  }
}
