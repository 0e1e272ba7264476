// Where the tensors of a GGUF file end, as far as their types can be trusted.
//
// Forks of ggml give the numbers of withdrawn and future types to their own. But tensors lie one
// behind the other, each padded to the alignment: a type whose tensors occupy other bytes than in
// the table is a fork's, and its size is ignored.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "formats/gguf_types.hpp"

namespace hfaudit {

struct GgufTensor {
  std::uint32_t type = 0;
  std::uint64_t row = 1;       // elements in a row: the first dimension
  std::uint64_t elements = 1;  // in all
  std::uint64_t offset = 0;    // from the beginning of the data
};

class GgufTensors {
 public:
  // `alignment` is a power of two.
  explicit GgufTensors(std::uint64_t alignment) : alignment_(alignment) {}

  // In the order of the file. False where its end overflows 64 bits.
  [[nodiscard]] bool add(const GgufTensor& tensor);

  // The data reaches at least so far, by the types that can be trusted and the beginnings of the
  // others.
  [[nodiscard]] std::uint64_t proven_end() const;

  // Whether that is also where it ends.
  [[nodiscard]] bool all_known() const;

 private:
  struct Type {
    bool used = false;
    bool doubtful = false;
    std::uint64_t end = 0;  // of the last of its tensors
  };
  static constexpr std::uint32_t unknown = gguf_tensor_types;

  std::uint64_t alignment_;
  std::array<Type, gguf_tensor_types + 1> types_{};  // one more for all types outside the table
  std::uint64_t last_begin_ = 0;

  // The tensor added last.
  std::uint32_t previous_ = unknown;
  std::uint64_t next_offset_ = 0;  // where the table says that the next one begins
};

}  // namespace hfaudit
