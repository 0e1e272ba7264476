// What the tests of lanes share: SHA-256 in plain C++, and all ways to hash on this processor.
#pragma once

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "digest/lane_schedule.hpp"
#include "fixture_digest.hpp"

namespace hfaudit {

using Buffer = std::vector<unsigned char>;

inline Buffer lane_noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Buffer buffer(size);
  std::ranges::generate(buffer, [&] { return static_cast<unsigned char>(random() >> 24U); });
  return buffer;
}

// In plain C++, block by block.
inline void advance_plainly(Sha256State& state, const unsigned char* blocks, std::size_t count) {
  fixture::Sha256Core core;
  core.state = state;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint8_t, sha256_block> block{};
    std::copy_n(blocks + i * sha256_block, sha256_block, block.begin());
    core.block(block);
  }
  state = core.state;
}

// All ways in which a process may hash here.
inline std::vector<Sha256Plan> plans_here() {
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

}  // namespace hfaudit
