#include "formats/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

// Dtype of safetensors/src/tensor.rs.
[[nodiscard]] std::optional<std::uint64_t> bits_of(std::string_view dtype) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 22> known{
      {{"BF16", 16},       {"F32", 32},       {"F16", 16},    {"F8_E4M3", 8}, {"I64", 64},
       {"U8", 8},          {"F64", 64},       {"I32", 32},    {"I16", 16},    {"I8", 8},
       {"U64", 64},        {"U32", 32},       {"U16", 16},    {"BOOL", 8},    {"C64", 64},
       {"F8_E5M2", 8},     {"F4", 4},         {"F8_E8M0", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6},
       {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}}};
  for (const auto& [name, bits] : known) {
    if (name == dtype) return bits;
  }
  return std::nullopt;
}

}  // namespace

bool SafetensorsHeader::complain(std::string_view complaint) {
  complaint_ = complaint;
  return false;
}

bool SafetensorsHeader::on_key(std::string_view key, std::size_t level) {
  if (level == 1) {
    is_metadata_ = key == "__metadata__";
    range_ = {0, 0, std::hash<std::string_view>{}(key)};
  } else if (level == 2 && in_tensor_) {
    field_ = key == "dtype"          ? Field::dtype
             : key == "shape"        ? Field::shape
             : key == "data_offsets" ? Field::data_offsets
                                     : Field::other;
  }
  return true;
}

bool SafetensorsHeader::on_value(const JsonValue& value, std::size_t level) {
  if (level == 0) return value.kind == JsonKind::object || complain("no JSON object in it");
  if (is_metadata_) return true;
  if (level == 1) {
    if (value.kind != JsonKind::object) return complain("a tensor that is no JSON object");
    in_tensor_ = true;
    has_dtype_ = has_shape_ = false;
    offsets_ = 0;
    field_ = Field::other;
    return true;
  }
  if (level == 2) return set_field(value);
  return level > 3 || add_number(value);
}

bool SafetensorsHeader::set_field(const JsonValue& value) {
  if (field_ == Field::dtype) {
    if (value.kind != JsonKind::text) return complain("a tensor whose dtype is no name");
    has_dtype_ = true;
    bits_ = bits_of(value.text);
  } else if (field_ == Field::shape) {
    if (value.kind != JsonKind::array) return complain("a tensor whose shape is no list");
    has_shape_ = true;
    count_ = 1;
  } else if (field_ == Field::data_offsets) {
    if (value.kind != JsonKind::array) return complain("a tensor whose data_offsets are no list");
    offsets_ = 0;
  }
  return true;
}

bool SafetensorsHeader::add_number(const JsonValue& value) {
  if (field_ == Field::other) return true;
  if (value.kind != JsonKind::count)
    return complain("a tensor whose shape or data_offsets are no counts");
  if (field_ == Field::shape) {
    if (count_ && !multiply_by(*count_, value.count)) count_.reset();
  } else if (++offsets_ <= 2) {
    (offsets_ == 1 ? range_.begin : range_.end) = value.count;
  }
  return true;
}

bool SafetensorsHeader::on_close(std::size_t level) {
  if (level == 2) field_ = Field::other;
  return level != 1 || is_metadata_ || end_tensor();
}

bool SafetensorsHeader::end_tensor() {
  in_tensor_ = false;
  if (!has_dtype_ || !has_shape_) return complain("a tensor without dtype or shape");
  if (offsets_ != 2 || range_.begin > range_.end)
    return complain("a tensor without valid data_offsets");
  if (!count_) return complain("a tensor of more than 2^64 elements");
  if (bits_) {
    auto bits = *count_;
    if (!multiply_by(bits, *bits_)) return complain("a tensor of more than 2^64 bits");
    if (bits % 8 != 0 || bits / 8 != range_.end - range_.begin) {
      return complain("a tensor whose data_offsets do not fit its shape");
    }
  }
  ranges_.push_back(range_);
  return true;
}

void SafetensorsHeader::drop_overridden() {
  const auto by_name = [](const Range& a, const Range& b) { return a.name < b.name; };
  const auto same_name = [](const Range& a, const Range& b) { return a.name == b.name; };
  std::stable_sort(ranges_.begin(), ranges_.end(), by_name);
  // unique() keeps the first of equals; walked backwards, that is the one written last.
  const auto first = std::unique(ranges_.rbegin(), ranges_.rend(), same_name).base();
  ranges_.erase(ranges_.begin(), first);
}

std::optional<std::uint64_t> SafetensorsHeader::data_end() {
  drop_overridden();
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::uint64_t end = 0;
  for (const auto& range : ranges_) {
    if (range.begin != end) {
      complain("tensors that overlap or leave a gap");
      return std::nullopt;
    }
    end = range.end;
  }
  return end;
}

}  // namespace hfaudit
