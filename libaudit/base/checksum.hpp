// CRC-32C (Castagnoli), which distinguishes a damaged record from a whole one, and the CRC-32 of zip
// and 7-Zip. They are weak against intent.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hfaudit {

[[nodiscard]] constexpr std::array<std::uint32_t, 256> crc_table(
    std::uint32_t reflected_polynomial) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit)
      rest = (rest & 1U) != 0 ? rest >> 1U ^ reflected_polynomial : rest >> 1U;
    table[byte] = rest;
  }
  return table;
}

template <std::uint32_t reflected_polynomial>
[[nodiscard]] constexpr std::uint32_t crc(std::string_view bytes) {
  constexpr auto table = crc_table(reflected_polynomial);
  std::uint32_t rest = ~0U;
  for (const char byte : bytes)
    rest = rest >> 8U ^ table[(rest ^ static_cast<unsigned char>(byte)) & 0xffU];
  return ~rest;
}

[[nodiscard]] constexpr std::uint32_t crc32c(std::string_view bytes) {
  return crc<0x82f63b78U>(bytes);
}

[[nodiscard]] constexpr std::uint32_t crc32(std::string_view bytes) {
  return crc<0xedb88320U>(bytes);
}

}  // namespace hfaudit
