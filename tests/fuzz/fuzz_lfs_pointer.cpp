#include "base/text.hpp"
#include "fuzz.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  const auto pointer = parse_lfs_pointer(input);
  if (!pointer) return;
  fuzz::require(is_lower_hex(pointer->sha256, 64));
  const auto again = parse_lfs_pointer(
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + pointer->sha256 + "\nsize " +
      std::to_string(pointer->size) + "\n");
  fuzz::require(again && again->sha256 == pointer->sha256 && again->size == pointer->size);
}
