// Integers as file formats store them, independent of the machine's own order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hfaudit {

// Reads sizeof(T) bytes.
template <class T>
[[nodiscard]] constexpr T little_endian(const char* bytes) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>(static_cast<std::uint64_t>(value) << 8U |
                           static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

// Writes sizeof(T) bytes.
template <class T>
constexpr void store_little_endian(T value, char* bytes) {
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i, rest >>= 8U)
    bytes[i] = static_cast<char>(rest & 0xffU);
}

}  // namespace hfaudit
