// Sizes of the types in a GGUF file (ggml docs/gguf.md; gguf-py constants.py: GGML_QUANT_SIZES).
#pragma once

#include <cstdint>
#include <optional>

namespace hfaudit {

// Types of metadata values.
enum class GgufValue : std::uint32_t {
  uint8 = 0,
  int8 = 1,
  uint16 = 2,
  int16 = 3,
  uint32 = 4,
  int32 = 5,
  float32 = 6,
  boolean = 7,
  string = 8,
  array = 9,
  uint64 = 10,
  int64 = 11,
  float64 = 12
};

// Bytes of a value of a fixed size, and the fewest that a string (its length) or array (its type
// and count) takes; nullopt for an unknown type.
[[nodiscard]] constexpr std::optional<std::uint64_t> fewest_bytes(GgufValue type) {
  switch (type) {
    case GgufValue::uint8:
    case GgufValue::int8:
    case GgufValue::boolean:
      return 1;
    case GgufValue::uint16:
    case GgufValue::int16:
      return 2;
    case GgufValue::uint32:
    case GgufValue::int32:
    case GgufValue::float32:
      return 4;
    case GgufValue::uint64:
    case GgufValue::int64:
    case GgufValue::float64:
    case GgufValue::string:
      return 8;
    case GgufValue::array:
      return 12;
  }
  return std::nullopt;
}

// A tensor's rows are cut into blocks of so many elements, so many bytes each.
struct GgufBlock {
  std::uint64_t elements = 0;
  std::uint64_t bytes = 0;
};

// Tensor types are small numbers; those beyond the table are as unknown as its holes.
constexpr std::uint32_t gguf_tensor_types = 43;

// nullopt for an unknown type, or one that was withdrawn.
[[nodiscard]] std::optional<GgufBlock> gguf_block(std::uint32_t type);

}  // namespace hfaudit
