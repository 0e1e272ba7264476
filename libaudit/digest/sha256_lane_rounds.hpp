// SHA-256 of as many messages at once as a vector has 32-bit lanes, for any vector.
//
// Part of sha256_avx2.cpp and sha256_avx512.cpp, which include it after they have defined: Vector,
// a register of lane_count words; add, choose, majority, big_sigma0, big_sigma1, small_sigma0,
// small_sigma1 on it; broadcast, load_row, store_row, load_words; and HFAUDIT_LANES_PART, which
// names the instructions: otherwise a template here could not be inlined into them.
//
// All lanes advance together, so an idle one costs as much as a busy one.
#pragma once

#include "digest/sha256_kernel.hpp"

namespace hfaudit {
namespace {

// The computation beside the lanes, a step after each of their rounds: empty.
struct NothingBeside {
  HFAUDIT_LANES_PART void step(std::size_t) {}
};

// a to h of the standard.
struct LaneState {
  Vector words[8];
};

// After each round every word has the name of the next one: after `turns` of them `name` is this.
HFAUDIT_LANES_PART Vector& named(LaneState& s, std::size_t turns, std::size_t name) {
  return s.words[(name + 64 - turns) % 8];
}

HFAUDIT_LANES_PART void lane_round(LaneState& s, std::size_t turns, const Vector& word,
                                   std::uint32_t constant) {
  const Vector& a = named(s, turns, 0);
  const Vector& e = named(s, turns, 4);
  Vector& d = named(s, turns, 3);
  Vector& h = named(s, turns, 7);
  const Vector with_constant = add(word, broadcast(constant));
  const Vector chosen = choose(e, named(s, turns, 5), named(s, turns, 6));
  const Vector first = add(add(h, with_constant), add(big_sigma1(e), chosen));
  const Vector second = add(big_sigma0(a), majority(a, named(s, turns, 1), named(s, turns, 2)));
  d = add(d, first);
  h = add(first, second);
}

// Word `at` of the last 16 becomes the one 16 rounds later.
HFAUDIT_LANES_PART const Vector& next_word(Vector (&words)[16], std::size_t at) {
  const Vector near = add(small_sigma1(words[(at + 14) % 16]), words[(at + 9) % 16]);
  words[at] = add(add(words[at], near), small_sigma0(words[(at + 1) % 16]));
  return words[at];
}

template <bool Later>
HFAUDIT_LANES_PART const Vector& word_of_round(Vector (&words)[16], std::size_t at) {
  if constexpr (Later)
    return next_word(words, at);
  else
    return words[at];
}

// Round `round` of 64, of which `at` of 16 is known to the compiler.
template <bool Later, class Beside>
HFAUDIT_LANES_PART void one_round(LaneState& s, Vector (&words)[16], std::size_t round,
                                  std::size_t at, Beside& beside) {
  lane_round(s, at % 8, word_of_round<Later>(words, at), sha256_rounds[round + at]);
  beside.step(at);
}

template <bool Later, class Beside>
HFAUDIT_LANES_PART void sixteen_rounds(LaneState& s, Vector (&words)[16], std::size_t round,
                                       Beside& beside) {
#pragma GCC unroll 16
  for (std::size_t at = 0; at < 16; ++at)
    one_round<Later>(s, words, round, at, beside);
}

// By way of memory: once for many blocks.
HFAUDIT_LANES_PART LaneState load_state(const Sha256State* const* states) {
  alignas(64) std::uint32_t rows[8][lane_count];
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    for (std::size_t word = 0; word < 8; ++word)
      rows[word][lane] = (*states[lane])[word];
  }
  LaneState s;
#pragma GCC unroll 8
  for (std::size_t word = 0; word < 8; ++word)
    s.words[word] = load_row(rows[word]);
  return s;
}

HFAUDIT_LANES_PART void store_state(const LaneState& s, Sha256State* const* states) {
  alignas(64) std::uint32_t rows[8][lane_count];
#pragma GCC unroll 8
  for (std::size_t word = 0; word < 8; ++word)
    store_row(s.words[word], rows[word]);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    for (std::size_t word = 0; word < 8; ++word)
      (*states[lane])[word] = rows[word][lane];
  }
}

// `count` blocks of each message, from where `blocks` point.
template <class Beside>
HFAUDIT_LANES_PART void compress_lanes(Sha256State* const* states,
                                       const unsigned char* const* blocks, std::size_t count,
                                       Beside& beside) {
  LaneState s = load_state(states);
  for (std::size_t block = 0; block < count; ++block) {
    Vector words[16];
    load_words(blocks, block * sha256_block, words);
    const LaneState before = s;
    sixteen_rounds<false>(s, words, 0, beside);
    for (std::size_t round = 16; round < 64; round += 16)
      sixteen_rounds<true>(s, words, round, beside);
#pragma GCC unroll 8
    for (std::size_t word = 0; word < 8; ++word)
      s.words[word] = add(s.words[word], before.words[word]);
  }
  store_state(s, states);
}

}  // namespace
}  // namespace hfaudit
