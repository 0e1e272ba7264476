#include "os/temporary_name.hpp"

#include <cstddef>
#include <random>
#include <string_view>

namespace hfaudit::os {

std::string random_suffix() {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t length = 8;
  std::random_device random;
  auto value = random();
  std::string text;
  for (std::size_t i = 0; i < length; ++i, value >>= 4U)
    text += digits[value & 0xFU];
  return text;
}

std::string temporary_name() {
  auto digits = random_suffix() + random_suffix() + random_suffix() + random_suffix();
  for (const std::size_t dash : {8U, 13U, 18U, 23U})
    digits.insert(dash, "-");
  return "tmp_" + digits;
}

}  // namespace hfaudit::os
