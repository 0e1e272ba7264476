#include "fixture_digest.hpp"

#include <algorithm>
#include <bit>

namespace hfaudit::fixture {
namespace {

constexpr std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian(const std::array<std::uint8_t, 64>& bytes, std::size_t word) {
  const std::size_t at = word * 4;
  return (std::uint32_t{bytes[at]} << 24U) | (std::uint32_t{bytes[at + 1]} << 16U) |
         (std::uint32_t{bytes[at + 2]} << 8U) | std::uint32_t{bytes[at + 3]};
}

}  // namespace

void Sha1Core::block(const std::array<std::uint8_t, 64>& bytes) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = big_endian(bytes, i);
  for (std::size_t i = 16; i < 80; ++i)
    w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = state;
  for (std::size_t i = 0; i < 80; ++i) {
    const std::uint32_t f = i < 20   ? (b & c) | (~b & d)
                            : i < 40 ? b ^ c ^ d
                            : i < 60 ? (b & c) | (b & d) | (c & d)
                                     : b ^ c ^ d;
    const std::uint32_t k = i < 20   ? 0x5a827999U
                            : i < 40 ? 0x6ed9eba1U
                            : i < 60 ? 0x8f1bbcdcU
                                     : 0xca62c1d6U;
    const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

void Sha256Core::block(const std::array<std::uint8_t, 64>& bytes) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = big_endian(bytes, i);
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3U);
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10U);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d,
           state[4] + e, state[5] + f, state[6] + g, state[7] + h};
}

template <class Core>
void Hasher<Core>::update(std::string_view bytes) {
  length_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t take = std::min(block_.size() - used_, bytes.size());
    std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take),
                   block_.begin() + static_cast<std::ptrdiff_t>(used_),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    used_ += take;
    bytes.remove_prefix(take);
    if (used_ == block_.size()) {
      core_.block(block_);
      used_ = 0;
    }
  }
}

template <class Core>
void Hasher<Core>::zeros(std::uint64_t count) {
  static constexpr std::array<char, 4096> zero_bytes{};
  for (; count > 0; count -= std::min<std::uint64_t>(count, zero_bytes.size()))
    update({zero_bytes.data(),
            static_cast<std::size_t>(std::min<std::uint64_t>(count, zero_bytes.size()))});
}

template <class Core>
std::string Hasher<Core>::hex() {
  const std::uint64_t bits = length_ * 8;
  update(std::string_view("\x80", 1));
  zeros((block_.size() + 56 - used_) % block_.size());
  std::string tail(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    tail[i] = static_cast<char>((bits >> (56U - 8U * i)) & 0xffU);
  update(tail);
  std::string text;
  for (const std::uint32_t word : core_.state)
    for (int shift = 28; shift >= 0; shift -= 4)
      text += "0123456789abcdef"[(word >> shift) & 0xfU];
  return text;
}

template class Hasher<Sha1Core>;
template class Hasher<Sha256Core>;

std::string sha1_hex(std::string_view bytes) {
  Sha1 hasher;
  hasher.update(bytes);
  return hasher.hex();
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hasher;
  hasher.update(bytes);
  return hasher.hex();
}

std::string git_oid(std::string_view bytes) {
  return sha1_hex("blob " + std::to_string(bytes.size()) + std::string(1, '\0') +
                  std::string(bytes));
}

}  // namespace hfaudit::fixture
