// Sixteen lanes in AVX-512, alone or beside a SHA-NI stream. The functions name their own target,
// so the rest of the program runs on any x86-64.
#include "digest/sha256_kernel.hpp"
#include "os/cpu.hpp"

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// Of values that its own intrinsics leave undefined on purpose (GCC's bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

// SHA-NI is in the list for the stream beside: compilers generate it only from its intrinsics.
#define HFAUDIT_LANES_ENTRY __attribute__((target("avx512f,avx512bw,sha")))
#define HFAUDIT_LANES_PART __attribute__((target("avx512f,avx512bw,sha"), always_inline)) inline

namespace hfaudit {
namespace {

constexpr std::size_t lane_count = 16;

struct Vector {
  __m512i v;
};

HFAUDIT_LANES_PART Vector add(const Vector& a, const Vector& b) {
  return {_mm512_add_epi32(a.v, b.v)};
}

HFAUDIT_LANES_PART Vector broadcast(std::uint32_t word) {
  return {_mm512_set1_epi32(static_cast<int>(word))};
}

HFAUDIT_LANES_PART Vector load_row(const std::uint32_t (&words)[lane_count]) {
  return {_mm512_loadu_si512(words)};
}

HFAUDIT_LANES_PART void store_row(const Vector& x, std::uint32_t (&words)[lane_count]) {
  _mm512_storeu_si512(words, x.v);
}

// The last argument of a ternary operation is its table of truth.
HFAUDIT_LANES_PART Vector choose(const Vector& e, const Vector& f, const Vector& g) {
  return {_mm512_ternarylogic_epi32(e.v, f.v, g.v, 0xca)};
}

HFAUDIT_LANES_PART Vector majority(const Vector& a, const Vector& b, const Vector& c) {
  return {_mm512_ternarylogic_epi32(a.v, b.v, c.v, 0xe8)};
}

HFAUDIT_LANES_PART Vector all_of(__m512i a, __m512i b, __m512i c) {
  return {_mm512_ternarylogic_epi32(a, b, c, 0x96)};
}

HFAUDIT_LANES_PART Vector big_sigma0(const Vector& x) {
  return all_of(_mm512_ror_epi32(x.v, 2), _mm512_ror_epi32(x.v, 13), _mm512_ror_epi32(x.v, 22));
}

HFAUDIT_LANES_PART Vector big_sigma1(const Vector& x) {
  return all_of(_mm512_ror_epi32(x.v, 6), _mm512_ror_epi32(x.v, 11), _mm512_ror_epi32(x.v, 25));
}

HFAUDIT_LANES_PART Vector small_sigma0(const Vector& x) {
  return all_of(_mm512_ror_epi32(x.v, 7), _mm512_ror_epi32(x.v, 18), _mm512_srli_epi32(x.v, 3));
}

HFAUDIT_LANES_PART Vector small_sigma1(const Vector& x) {
  return all_of(_mm512_ror_epi32(x.v, 17), _mm512_ror_epi32(x.v, 19), _mm512_srli_epi32(x.v, 10));
}

// Of each four rows the 4x4 squares are transposed where they lie, then the squares themselves.
HFAUDIT_LANES_PART void transpose(Vector (&rows)[16]) {
  __m512i pairs[16];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(rows[i].v, rows[i + 1].v);
    pairs[i + 1] = _mm512_unpackhi_epi32(rows[i].v, rows[i + 1].v);
  }
  __m512i fours[16];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
  // fours[4 * i + j] has, in square k, column 4 * k + j of rows 4 * i to 4 * i + 3
#pragma GCC unroll 16
  for (std::size_t j = 0; j < 4; ++j) {
    const __m512i low01 = _mm512_shuffle_i32x4(fours[j], fours[4 + j], 0x44);
    const __m512i low23 = _mm512_shuffle_i32x4(fours[j], fours[4 + j], 0xee);
    const __m512i high01 = _mm512_shuffle_i32x4(fours[8 + j], fours[12 + j], 0x44);
    const __m512i high23 = _mm512_shuffle_i32x4(fours[8 + j], fours[12 + j], 0xee);
    rows[j].v = _mm512_shuffle_i32x4(low01, high01, 0x88);
    rows[4 + j].v = _mm512_shuffle_i32x4(low01, high01, 0xdd);
    rows[8 + j].v = _mm512_shuffle_i32x4(low23, high23, 0x88);
    rows[12 + j].v = _mm512_shuffle_i32x4(low23, high23, 0xdd);
  }
}

HFAUDIT_LANES_PART void load_words(const unsigned char* const* blocks, std::size_t offset,
                                   Vector (&words)[16]) {
  const __m512i big_endian = _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
#pragma GCC unroll 16
  for (std::size_t lane = 0; lane < 16; ++lane)
    words[lane].v = _mm512_shuffle_epi8(_mm512_loadu_si512(blocks[lane] + offset), big_endian);
  transpose(words);
}

}  // namespace
}  // namespace hfaudit

#include "digest/sha256_lane_rounds.hpp"
#include "digest/sha256_lanes_beside.hpp"

namespace hfaudit {
namespace {

constexpr Sha256Lanes lanes_alone{"AVX-512", lane_count, 0, lanes_only};
constexpr Sha256Lanes lanes_and_stream{"AVX-512 beside SHA-NI", lane_count, blocks_beside,
                                       lanes_beside};

}  // namespace

const Sha256Lanes* sha256_avx512() {
  return os::cpu_has_avx512() ? &lanes_alone : nullptr;
}

const Sha256Lanes* sha256_avx512_beside() {
  return os::cpu_has_avx512() && os::cpu_has_sha256() ? &lanes_and_stream : nullptr;
}

}  // namespace hfaudit
#else
const hfaudit::Sha256Lanes* hfaudit::sha256_avx512() {
  return nullptr;
}
const hfaudit::Sha256Lanes* hfaudit::sha256_avx512_beside() {
  return nullptr;
}
#endif
