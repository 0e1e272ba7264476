// The rounds of SHA-256 over whole blocks, for one stream or two, for any processor.
//
// Part of sha256_arm.cpp and sha256_x86.cpp, which include it after they have defined for their
// RoundState: begin, end, read_words, make_words, four_rounds, keep_state, add_state; and the
// attributes HFAUDIT_SHA256_ENTRY and HFAUDIT_SHA256_PART, which name the instructions: otherwise a
// template here could not be inlined into them.
#pragma once

#include "digest/sha256_kernel.hpp"

namespace hfaudit {
namespace {

template <class... Streams>
HFAUDIT_SHA256_PART void first_rounds(std::size_t at, Streams&... s) {
  (read_words(s, at), ...);
  four_rounds(4 * at, at, s...);
}

template <class... Streams>
HFAUDIT_SHA256_PART void more_rounds(std::size_t round, std::size_t at, Streams&... s) {
  (make_words(s, at), ...);
  four_rounds(round + 4 * at, at, s...);
}

template <class... Streams>
HFAUDIT_SHA256_PART void compress(std::size_t count, Streams&... s) {
  for (; count > 0; --count) {
    (keep_state(s), ...);
    first_rounds(0, s...);
    first_rounds(1, s...);
    first_rounds(2, s...);
    first_rounds(3, s...);
    for (std::size_t round = 16; round < 64; round += 16) {
      more_rounds(round, 0, s...);
      more_rounds(round, 1, s...);
      more_rounds(round, 2, s...);
      more_rounds(round, 3, s...);
    }
    (add_state(s), ...);
    ((s.next += sha256_block), ...);
  }
}

HFAUDIT_SHA256_ENTRY void one(Sha256State& state, const unsigned char* blocks, std::size_t count) {
  RoundState s = begin(state, blocks);
  compress(count, s);
  end(s, state);
}

HFAUDIT_SHA256_ENTRY void two(Sha256State& a, const unsigned char* a_blocks, Sha256State& b,
                              const unsigned char* b_blocks, std::size_t count) {
  RoundState first = begin(a, a_blocks);
  RoundState second = begin(b, b_blocks);
  compress(count, first, second);
  end(first, a);
  end(second, b);
}

}  // namespace
}  // namespace hfaudit
