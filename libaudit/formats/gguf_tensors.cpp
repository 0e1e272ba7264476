#include "formats/gguf_tensors.hpp"

#include <algorithm>

#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

// nullopt: unknown. Rows are whole blocks; a row with a partial block belongs to an unknown type.
[[nodiscard]] std::optional<std::uint64_t> bytes_of(const GgufTensor& tensor) {
  const auto block = gguf_block(tensor.type);
  if (!block || tensor.row % block->elements != 0) return std::nullopt;
  auto bytes = tensor.elements / block->elements;
  return multiply_by(bytes, block->bytes) ? std::optional(bytes) : std::nullopt;
}

}  // namespace

bool GgufTensors::add(const GgufTensor& tensor) {
  if (previous_ != unknown && tensor.offset != next_offset_) types_[previous_].doubtful = true;
  last_begin_ = std::max(last_begin_, tensor.offset);

  const auto bytes = bytes_of(tensor);
  previous_ = bytes ? tensor.type : unknown;
  auto& type = types_[std::min(tensor.type, unknown)];
  type.used = true;
  if (!bytes) {
    type.doubtful = true;
    return true;
  }
  auto end = tensor.offset;
  if (!add_to(end, *bytes)) return false;
  type.end = std::max(type.end, end);
  next_offset_ = end;
  if (!add_to(next_offset_, alignment_ - 1)) return false;
  next_offset_ &= ~(alignment_ - 1);
  return true;
}

std::uint64_t GgufTensors::proven_end() const {
  auto end = last_begin_;
  for (const auto& type : types_) {
    if (!type.doubtful) end = std::max(end, type.end);
  }
  return end;
}

bool GgufTensors::all_known() const {
  return std::none_of(types_.begin(), types_.end(), [](const Type& type) { return type.doubtful; });
}

}  // namespace hfaudit
