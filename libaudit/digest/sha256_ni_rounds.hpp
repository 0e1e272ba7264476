// The parts of sha256_rounds.hpp in SHA-NI.
//
// Included by the files of kernels that use them. Everything is in an unnamed namespace: each file
// has its own, compiled for the instructions of its caller.
#pragma once

#include <immintrin.h>

#include "digest/sha256_kernel.hpp"

#define HFAUDIT_SHA256_NI_PART __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline

namespace hfaudit {
namespace {

struct RoundState {
  const unsigned char* next;
  __m128i abef, cdgh;  // the state, in the order that the instructions want
  __m128i old_abef, old_cdgh;
  __m128i words[4];  // the last 16 words of the message schedule
  __m128i sum;       // four of them, with the constants of their rounds
};

HFAUDIT_SHA256_NI_PART __m128i load(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

HFAUDIT_SHA256_NI_PART RoundState begin(const Sha256State& state, const unsigned char* blocks) {
  const __m128i badc = _mm_shuffle_epi32(load(state.data()), 0xb1);
  const __m128i hgfe = _mm_shuffle_epi32(load(state.data() + 4), 0x1b);
  RoundState s{};
  s.next = blocks;
  s.abef = _mm_alignr_epi8(badc, hgfe, 8);
  s.cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
  return s;
}

HFAUDIT_SHA256_NI_PART void end(const RoundState& s, Sha256State& state) {
  const __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

HFAUDIT_SHA256_NI_PART void read_words(RoundState& s, std::size_t at) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  s.words[at] = _mm_shuffle_epi8(load(s.next + 16 * at), big_endian);
}

HFAUDIT_SHA256_NI_PART void make_words(RoundState& s, std::size_t at) {
  const __m128i last = s.words[(at + 3) % 4];
  const __m128i seven_back = _mm_alignr_epi8(last, s.words[(at + 2) % 4], 4);
  const __m128i half = _mm_sha256msg1_epu32(s.words[at], s.words[(at + 1) % 4]);
  s.words[at] = _mm_sha256msg2_epu32(_mm_add_epi32(half, seven_back), last);
}

// Every step for all streams before the next step: their instructions alternate.
template <class... Streams>
HFAUDIT_SHA256_NI_PART void four_rounds(std::size_t round, std::size_t at, Streams&... s) {
  const __m128i constants = load(sha256_rounds.data() + round);
  ((s.sum = _mm_add_epi32(s.words[at], constants)), ...);
  ((s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, s.sum), s.sum = _mm_shuffle_epi32(s.sum, 0x0e)),
   ...);
  ((s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, s.sum)), ...);
}

HFAUDIT_SHA256_NI_PART void keep_state(RoundState& s) {
  s.old_abef = s.abef;
  s.old_cdgh = s.cdgh;
}

HFAUDIT_SHA256_NI_PART void add_state(RoundState& s) {
  s.abef = _mm_add_epi32(s.abef, s.old_abef);
  s.cdgh = _mm_add_epi32(s.cdgh, s.old_cdgh);
}

}  // namespace
}  // namespace hfaudit
