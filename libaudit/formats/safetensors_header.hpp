// The JSON header of a safetensors file:
//   {"__metadata__":{"format":"pt"},"weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
// data_offsets count from the end of the header; sorted, they follow one another from 0 without a
// gap.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "json/events.hpp"

namespace hfaudit {

class SafetensorsHeader final : public JsonHandler {
 public:
  bool on_key(std::string_view key, std::size_t level) override;
  bool on_value(const JsonValue& value, std::size_t level) override;
  bool on_close(std::size_t level) override;

  // The end of the data, once the header is read; nullopt, and a complaint, where the tensors have
  // gaps or overlap.
  [[nodiscard]] std::optional<std::uint64_t> data_end();

  // The error, else empty.
  [[nodiscard]] std::string_view complaint() const { return complaint_; }

 private:
  enum class Field { dtype, shape, data_offsets, other };

  // A tensor is known by the hash of its name: it only serves to let the last of equal names win.
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::size_t name = 0;
  };

  bool complain(std::string_view complaint);
  bool set_field(const JsonValue& value);
  bool add_number(const JsonValue& value);
  bool end_tensor();
  void drop_overridden();

  std::vector<Range> ranges_;
  std::string_view complaint_;

  // The tensor being read.
  bool in_tensor_ = false;
  bool is_metadata_ = false;
  Field field_ = Field::other;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  std::size_t offsets_ = 0;
  // an element; nullopt: an unknown dtype
  std::optional<std::uint64_t> bits_;
  std::optional<std::uint64_t> count_;  // of elements; nullopt: more than 2^64
  Range range_;
};

}  // namespace hfaudit
