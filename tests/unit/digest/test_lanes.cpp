// The kernels of many lanes, hashes by them, and the choice between them.
#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "catch_any.hpp"
#include "digest/block_chain.hpp"
#include "digest/digest.hpp"
#include "digest/sha256_plan.hpp"
#include "lane_cases.hpp"

using namespace hfaudit;

namespace {

std::vector<const Sha256Lanes*> lanes_here() {
  std::vector<const Sha256Lanes*> all;
  for (const auto* lanes :
       {sha256_avx2(), sha256_avx2_beside(), sha256_avx512(), sha256_avx512_beside()}) {
    if (lanes != nullptr) all.push_back(lanes);
  }
  return all;
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
