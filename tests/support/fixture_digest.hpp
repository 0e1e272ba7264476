// SHA-1 and SHA-256 for the fixtures, so that the program that makes the demo cache needs no crypto
// library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hfaudit::fixture {

// Merkle–Damgård over 64-byte blocks; `Core` is one of the two compression functions below.
template <class Core>
class Hasher {
 public:
  void update(std::string_view bytes);
  void zeros(std::uint64_t count);  // as update() of so many NUL bytes
  [[nodiscard]] std::string hex();  // ends the message

 private:
  Core core_;
  std::array<std::uint8_t, 64> block_{};
  std::size_t used_ = 0;
  std::uint64_t length_ = 0;
};

struct Sha1Core {
  std::array<std::uint32_t, 5> state{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U,
                                     0xc3d2e1f0U};
  void block(const std::array<std::uint8_t, 64>& bytes);
};

struct Sha256Core {
  std::array<std::uint32_t, 8> state{0x6a09e667U, 0xbb67ae85U, 0x3c6ef372U, 0xa54ff53aU,
                                     0x510e527fU, 0x9b05688cU, 0x1f83d9abU, 0x5be0cd19U};
  void block(const std::array<std::uint8_t, 64>& bytes);
};

using Sha1 = Hasher<Sha1Core>;
using Sha256 = Hasher<Sha256Core>;

[[nodiscard]] std::string sha1_hex(std::string_view bytes);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
// The id that git gives a file: sha1 of "blob <size>\0" and the content.
[[nodiscard]] std::string git_oid(std::string_view bytes);

}  // namespace hfaudit::fixture
