#include "base/text.hpp"
#include "listings/listings.hpp"

namespace hfaudit {

RefContent parse_ref(std::string_view bytes) {
  constexpr std::size_t hash_digits = 40;
  constexpr std::size_t cut_off = 128;  // so many bytes may be the beginning of a longer file
  if (is_lower_hex(bytes, hash_digits)) return {RefState::commit, std::string(bytes)};
  const auto word = trim(bytes);
  if (word.empty()) return {RefState::empty, {}};
  if (bytes.size() < cut_off && is_lower_hex(word, hash_digits)) {
    return {RefState::commit_with_space, std::string(word)};
  }
  return {RefState::malformed, {}};
}

}  // namespace hfaudit
