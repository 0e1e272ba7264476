// Eight lanes in AVX2, alone or beside a SHA-NI stream. The functions name their own target, so the
// rest of the program runs on any x86-64.
#include "digest/sha256_kernel.hpp"
#include "os/cpu.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

// SHA-NI is in the list for the stream beside: compilers generate it only from its intrinsics.
#define HFAUDIT_LANES_ENTRY __attribute__((target("avx2,sha")))
#define HFAUDIT_LANES_PART __attribute__((target("avx2,sha"), always_inline)) inline

namespace hfaudit {
namespace {

constexpr std::size_t lane_count = 8;

struct Vector {
  __m256i v;
};

HFAUDIT_LANES_PART Vector add(const Vector& a, const Vector& b) {
  return {_mm256_add_epi32(a.v, b.v)};
}

HFAUDIT_LANES_PART Vector broadcast(std::uint32_t word) {
  return {_mm256_set1_epi32(static_cast<int>(word))};
}

HFAUDIT_LANES_PART Vector load_row(const std::uint32_t (&words)[lane_count]) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(words))};
}

HFAUDIT_LANES_PART void store_row(const Vector& x, std::uint32_t (&words)[lane_count]) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), x.v);
}

HFAUDIT_LANES_PART Vector choose(const Vector& e, const Vector& f, const Vector& g) {
  return {_mm256_xor_si256(g.v, _mm256_and_si256(e.v, _mm256_xor_si256(f.v, g.v)))};
}

// Of the three words two are those of the round before: the compiler keeps b ^ c.
HFAUDIT_LANES_PART Vector majority(const Vector& a, const Vector& b, const Vector& c) {
  const __m256i differ = _mm256_and_si256(_mm256_xor_si256(a.v, b.v), _mm256_xor_si256(b.v, c.v));
  return {_mm256_xor_si256(b.v, differ)};
}

template <int Right>
HFAUDIT_LANES_PART __m256i rotate(const Vector& x) {
  return _mm256_xor_si256(_mm256_srli_epi32(x.v, Right), _mm256_slli_epi32(x.v, 32 - Right));
}

HFAUDIT_LANES_PART Vector all_of(__m256i a, __m256i b, __m256i c) {
  return {_mm256_xor_si256(_mm256_xor_si256(a, b), c)};
}

HFAUDIT_LANES_PART Vector big_sigma0(const Vector& x) {
  return all_of(rotate<2>(x), rotate<13>(x), rotate<22>(x));
}

HFAUDIT_LANES_PART Vector big_sigma1(const Vector& x) {
  return all_of(rotate<6>(x), rotate<11>(x), rotate<25>(x));
}

HFAUDIT_LANES_PART Vector small_sigma0(const Vector& x) {
  return all_of(rotate<7>(x), rotate<18>(x), _mm256_srli_epi32(x.v, 3));
}

HFAUDIT_LANES_PART Vector small_sigma1(const Vector& x) {
  return all_of(rotate<17>(x), rotate<19>(x), _mm256_srli_epi32(x.v, 10));
}

// Row i, column j becomes row j, column i.
HFAUDIT_LANES_PART void transpose(Vector (&rows)[8]) {
  __m256i pairs[8];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_epi32(rows[i].v, rows[i + 1].v);
    pairs[i + 1] = _mm256_unpackhi_epi32(rows[i].v, rows[i + 1].v);
  }
  __m256i fours[8];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 8; i += 4) {
    fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 4; ++i) {
    rows[i].v = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
    rows[i + 4].v = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
  }
}

HFAUDIT_LANES_PART void load_half(const unsigned char* const* blocks, std::size_t offset,
                                  Vector (&rows)[8]) {
  const __m256i big_endian = _mm256_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203,
                                               0x0c0d0e0f08090a0b, 0x0405060700010203);
#pragma GCC unroll 16
  for (std::size_t lane = 0; lane < 8; ++lane) {
    const auto* from = reinterpret_cast<const __m256i*>(blocks[lane] + offset);
    rows[lane].v = _mm256_shuffle_epi8(_mm256_loadu_si256(from), big_endian);
  }
  transpose(rows);
}

HFAUDIT_LANES_PART void load_words(const unsigned char* const* blocks, std::size_t offset,
                                   Vector (&words)[16]) {
  Vector low[8], high[8];
  load_half(blocks, offset, low);
  load_half(blocks, offset + 32, high);
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 8; ++i) {
    words[i] = low[i];
    words[i + 8] = high[i];
  }
}

}  // namespace
}  // namespace hfaudit

#include "digest/sha256_lane_rounds.hpp"
#include "digest/sha256_lanes_beside.hpp"

namespace hfaudit {
namespace {

constexpr Sha256Lanes lanes_alone{"AVX2", lane_count, 0, lanes_only};
constexpr Sha256Lanes lanes_and_stream{"AVX2 beside SHA-NI", lane_count, blocks_beside,
                                       lanes_beside};

}  // namespace

const Sha256Lanes* sha256_avx2() {
  return os::cpu_has_avx2() ? &lanes_alone : nullptr;
}

const Sha256Lanes* sha256_avx2_beside() {
  return os::cpu_has_avx2() && os::cpu_has_sha256() ? &lanes_and_stream : nullptr;
}

}  // namespace hfaudit
#else
const hfaudit::Sha256Lanes* hfaudit::sha256_avx2() {
  return nullptr;
}
const hfaudit::Sha256Lanes* hfaudit::sha256_avx2_beside() {
  return nullptr;
}
#endif
