// SHA-256 of as many messages at once as a vector has 32-bit lanes, whatever the vector is.
//
// Part of sha256_avx2.cpp and sha256_avx512.cpp, which include it after they have defined: Vector, a
// register of lane_count words; add, choose, majority, big_sigma0, big_sigma1, small_sigma0,
// small_sigma1 on it; broadcast, load_row, store_row, load_words; and HFAUDIT_LANES_PART, which
// names the instructions: a template here could not be inlined into them otherwise.
//
// All lanes advance together, so an idle one costs as much as a busy one.
#pragma once

#include "digest/sha256_kernel.hpp"

namespace hfaudit {
namespace {

// What is computed beside the lanes, a step after each of their rounds: nothing.
struct NothingBeside {
  HFAUDIT_LANES_PART void step(std::size_t) {}
};

struct LaneState {
  Vector a, b, c, d, e, f, g, h;
};

// The names of the state's words turn, the words stay where they are.
HFAUDIT_LANES_PART void lane_round(const Vector& a, const Vector& b, const Vector& c, Vector& d,
                                   const Vector& e, const Vector& f, const Vector& g, Vector& h,
                                   const Vector& word, std::size_t round) {
  const Vector with_constant = add(word, broadcast(sha256_rounds[round]));
  const Vector first = add(add(h, with_constant), add(big_sigma1(e), choose(e, f, g)));
  const Vector second = add(big_sigma0(a), majority(a, b, c));
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

template <bool Later, class Beside>
HFAUDIT_LANES_PART void eight_rounds(LaneState& s, Vector (&words)[16], std::size_t round,
                                     std::size_t at, Beside& beside) {
  lane_round(s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h, word_of_round<Later>(words, at), round);
  beside.step(at);
  lane_round(s.h, s.a, s.b, s.c, s.d, s.e, s.f, s.g, word_of_round<Later>(words, at + 1),
             round + 1);
  beside.step(at + 1);
  lane_round(s.g, s.h, s.a, s.b, s.c, s.d, s.e, s.f, word_of_round<Later>(words, at + 2),
             round + 2);
  beside.step(at + 2);
  lane_round(s.f, s.g, s.h, s.a, s.b, s.c, s.d, s.e, word_of_round<Later>(words, at + 3),
             round + 3);
  beside.step(at + 3);
  lane_round(s.e, s.f, s.g, s.h, s.a, s.b, s.c, s.d, word_of_round<Later>(words, at + 4),
             round + 4);
  beside.step(at + 4);
  lane_round(s.d, s.e, s.f, s.g, s.h, s.a, s.b, s.c, word_of_round<Later>(words, at + 5),
             round + 5);
  beside.step(at + 5);
  lane_round(s.c, s.d, s.e, s.f, s.g, s.h, s.a, s.b, word_of_round<Later>(words, at + 6),
             round + 6);
  beside.step(at + 6);
  lane_round(s.b, s.c, s.d, s.e, s.f, s.g, s.h, s.a, word_of_round<Later>(words, at + 7),
             round + 7);
  beside.step(at + 7);
}

// By way of memory: once for many blocks.
HFAUDIT_LANES_PART LaneState load_state(const Sha256State* const* states) {
  alignas(64) std::uint32_t rows[8][lane_count];
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    for (std::size_t word = 0; word < 8; ++word)
      rows[word][lane] = (*states[lane])[word];
  }
  return {load_row(rows[0]), load_row(rows[1]), load_row(rows[2]), load_row(rows[3]),
          load_row(rows[4]), load_row(rows[5]), load_row(rows[6]), load_row(rows[7])};
}

HFAUDIT_LANES_PART void store_state(const LaneState& s, Sha256State* const* states) {
  alignas(64) std::uint32_t rows[8][lane_count];
  const Vector* const words[8] = {&s.a, &s.b, &s.c, &s.d, &s.e, &s.f, &s.g, &s.h};
  for (std::size_t word = 0; word < 8; ++word)
    store_row(*words[word], rows[word]);
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
    eight_rounds<false>(s, words, 0, 0, beside);
    eight_rounds<false>(s, words, 8, 8, beside);
    for (std::size_t round = 16; round < 64; round += 16) {
      eight_rounds<true>(s, words, round, 0, beside);
      eight_rounds<true>(s, words, round + 8, 8, beside);
    }
    s.a = add(s.a, before.a);
    s.b = add(s.b, before.b);
    s.c = add(s.c, before.c);
    s.d = add(s.d, before.d);
    s.e = add(s.e, before.e);
    s.f = add(s.f, before.f);
    s.g = add(s.g, before.g);
    s.h = add(s.h, before.h);
  }
  store_state(s, states);
}

}  // namespace
}  // namespace hfaudit
