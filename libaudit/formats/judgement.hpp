// The results of the format readers, in one line each.
#pragma once

#include <string>
#include <utility>

#include "formats/structure.hpp"

namespace hfaudit {

[[nodiscard]] inline Structure sound(std::uint64_t size) {
  return {StructureState::sound, size, {}, {}};
}
[[nodiscard]] inline Structure truncated(std::string detail,
                                         std::optional<std::uint64_t> expected = {}) {
  return {StructureState::truncated, expected, {}, std::move(detail)};
}
[[nodiscard]] inline Structure not_the_content(std::string detail) {
  return {StructureState::not_the_content, {}, {}, std::move(detail)};
}
[[nodiscard]] inline Structure cannot_tell(std::string detail) {
  return {StructureState::cannot_tell, {}, {}, std::move(detail)};
}

// Unsigned arithmetic on the claims of a header; false on overflow.
[[nodiscard]] inline bool add_to(std::uint64_t& sum, std::uint64_t term) {
  return !__builtin_add_overflow(sum, term, &sum);
}
[[nodiscard]] inline bool multiply_by(std::uint64_t& product, std::uint64_t factor) {
  return !__builtin_mul_overflow(product, factor, &product);
}

}  // namespace hfaudit
