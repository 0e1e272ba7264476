// The kernels of many lanes, the schedule of their work, and the choice between them.
#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "catch_any.hpp"
#include "digest/block_chain.hpp"
#include "digest/digest.hpp"
#include "digest/lane_schedule.hpp"
#include "digest/sha256_plan.hpp"
#include "fixture_digest.hpp"

using namespace hfaudit;

namespace {

using Buffer = std::vector<unsigned char>;

Buffer lane_noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Buffer buffer(size);
  std::ranges::generate(buffer, [&] { return static_cast<unsigned char>(random() >> 24U); });
  return buffer;
}

// In plain C++, block by block.
void advance_plainly(Sha256State& state, const unsigned char* blocks, std::size_t count) {
  fixture::Sha256Core core;
  core.state = state;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint8_t, sha256_block> block{};
    std::copy_n(blocks + i * sha256_block, sha256_block, block.begin());
    core.block(block);
  }
  state = core.state;
}

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

std::vector<const Sha256Lanes*> lanes_here() {
  std::vector<const Sha256Lanes*> all;
  for (const auto* lanes :
       {sha256_avx2(), sha256_avx2_beside(), sha256_avx512(), sha256_avx512_beside()}) {
    if (lanes != nullptr) all.push_back(lanes);
  }
  return all;
}

// All ways in which a process may hash here.
std::vector<Sha256Plan> plans_here() {
  std::vector<Sha256Plan> plans;
  for (const auto* kernel : {sha256_x86(), sha256_arm(), sha256_openssl()}) {
    if (kernel == nullptr) continue;
    Sha256Plan plan;
    plan.alone = kernel;
    plans.push_back(plan);
    for (const auto& [lanes, beside] : {std::pair(sha256_avx2(), sha256_avx2_beside()),
                                        std::pair(sha256_avx512(), sha256_avx512_beside())}) {
      if (lanes == nullptr) continue;
      plan.lanes = lanes;
      plan.beside = nullptr;
      plan.break_even = 3;
      plans.push_back(plan);
      plan.beside = beside;
      if (beside != nullptr) plans.push_back(plan);
    }
  }
  return plans;
}

}  // namespace

TEST_CASE("lanes: every kernel that this processor has, from any state, alignment and count") {
  if (sha256_avx512() == nullptr) WARN("skipped for AVX-512: this processor does not have it");
  if (sha256_avx2() == nullptr) WARN("skipped for AVX2: this processor does not have it");
  std::mt19937 random(9);
  for (const auto* lanes : lanes_here()) {
    const auto messages = lanes->lanes + (lanes->beside != 0 ? 1 : 0);
    for (int round = 0; round < 60; ++round) {
      const std::size_t count = random() % 4;
      const auto length = std::max<std::size_t>(lanes->beside, 1) * 4 * sha256_block;
      const auto bytes = lane_noise(messages * (length + 16), static_cast<unsigned>(round));
      std::vector<Sha256State> states(messages), expected(messages);
      std::vector<Sha256State*> pointers;
      std::vector<const unsigned char*> blocks;
      for (std::size_t i = 0; i < messages; ++i) {
        std::ranges::generate(states[i], std::ref(random));
        expected[i] = states[i];
        pointers.push_back(&states[i]);
        blocks.push_back(bytes.data() + i * (length + 16) + random() % 16);
        advance_plainly(expected[i], blocks[i], i < lanes->lanes ? count : count * lanes->beside);
      }
      lanes->advance(pointers.data(), blocks.data(), count);
      INFO(lanes->name << ", round " << round);
      REQUIRE(states == expected);
    }
  }
}

TEST_CASE("lanes: OpenSSL's blocks are those of the standard") {
  REQUIRE(sha256_openssl() != nullptr);
  const auto bytes = lane_noise(9 * sha256_block, 10);
  std::mt19937 random(11);
  for (std::size_t count = 0; count < 9; ++count) {
    Sha256State state{}, expected{};
    std::ranges::generate(state, std::ref(random));
    expected = state;
    advance_plainly(expected, bytes.data(), count);
    sha256_openssl()->one(state, bytes.data(), count);
    CHECK(state == expected);
  }
}

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

TEST_CASE("lanes: hashes of any pieces in any plan are those of OpenSSL, with their chains") {
  std::mt19937 random(13);
  const auto bytes = lane_noise(100'000, 14);
  for (const auto& plan : plans_here()) {
    std::vector<Sha256> hashes;
    std::vector<Buffer> all(most_hash_streams);
    for (std::size_t i = 0; i < most_hash_streams; ++i)
      hashes.push_back(*Sha256::begin(i % 7 == 3 ? Sha256Engine::openssl : Sha256Engine::best));
    for (int round = 0; round < 12; ++round) {
      std::vector<Sha256Input> inputs;
      for (std::size_t i = 0; i < most_hash_streams; ++i) {
        if (random() % 5 == 0) continue;
        const auto piece = Bytes(bytes).subspan(random() % 90'000, random() % (i < 3 ? 9000 : 300));
        inputs.push_back({&hashes[i], piece});
        all[i].insert(all[i].end(), piece.begin(), piece.end());
      }
      update_all(plan, inputs);
    }
    for (std::size_t i = 0; i < most_hash_streams; ++i) {
      auto expected = Sha256::begin(Sha256Engine::openssl);
      expected->update(all[i]);
      INFO(i);
      REQUIRE(*hashes[i].finish() == *expected->finish());
    }
  }
}

TEST_CASE("lanes: states of a chain, whatever the pieces") {
  const auto block = static_cast<std::size_t>(chain_block_bytes);
  const auto bytes = lane_noise(block + 5000, 15);
  for (const auto& plan : plans_here()) {
    std::vector<ChainedSha256> hashes;
    std::vector<ChainedSha256> alone;
    for (std::size_t i = 0; i < 3; ++i) {
      hashes.push_back(*ChainedSha256::begin());
      alone.push_back(*ChainedSha256::begin());
    }
    std::array<std::size_t, 3> at{};
    const std::array<std::size_t, 3> ends{bytes.size(), block, 5'000'000};
    while (at != ends) {
      std::vector<ChainedInput> inputs;
      for (std::size_t i = 0; i < 3; ++i) {
        const auto most = std::min<std::size_t>(1'000'000 + i * 12'345, ends.at(i) - at.at(i));
        inputs.push_back({&hashes[i], Bytes(bytes).subspan(at.at(i), most)});
        at.at(i) += most;
      }
      update_all(plan, inputs);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      alone[i].update(Bytes(bytes).first(ends.at(i)));
      CHECK(hashes[i].states() == alone[i].states());
      CHECK(hashes[i].states().size() == ends.at(i) / block);
      CHECK(*hashes[i].finish() == *alone[i].finish());
    }
    if (plan.alone == sha256_openssl()) break;  // the same, only slower
  }
}

TEST_CASE("lanes: the choice of kernels") {
  const auto all = sha256_choice("");
  CHECK((all.sha && all.openssl && all.avx2 && all.avx512 && all.beside));
  const auto some = sha256_choice("openssl,avx2");
  CHECK((!some.sha && some.openssl && some.avx2 && !some.avx512 && !some.beside));
  const auto odd = sha256_choice(",sha,,no such,");
  CHECK((odd.sha && !odd.openssl && !odd.avx2));
  const auto wrong = sha256_choice("md5");
  CHECK((wrong.sha && wrong.openssl && wrong.avx2));

  CHECK(sha256_alone(sha256_choice("openssl")) == sha256_openssl());
  const auto without_lanes = sha256_trial(sha256_choice("sha"));
  CHECK((without_lanes.lanes == nullptr && without_lanes.streams() <= 2));
  for (const auto* list :
       {"", "avx2", "avx512", "openssl,avx2", "openssl,avx512", "sha,avx2,beside"}) {
    const auto plan = sha256_trial(sha256_choice(list));
    INFO(list);
    REQUIRE(plan.alone != nullptr);
    CHECK(plan.streams() <= most_hash_streams);
    if (plan.lanes == nullptr) continue;
    CHECK(plan.break_even >= 2);
    CHECK(plan.break_even <= plan.lanes->lanes);
    CHECK((plan.beside == nullptr || plan.beside->lanes == plan.lanes->lanes));
    CHECK(plan.gain > 1);
  }
}
