// A GGUF file (ggml docs/gguf.md): "GGUF", version, counts, metadata, tensor infos, padding, data.
// All integers little-endian; strings are u64 length and bytes. The infos say where the data ends;
// that the last tensor's padding is absent is legal.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "formats/examine.hpp"
#include "formats/forward_reader.hpp"
#include "formats/gguf_tensors.hpp"
#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

// Counts that every loader rejects (GGUF_MAX_STRING_LENGTH and the like): other bytes in place of a
// count.
constexpr std::uint64_t largest_claim = std::uint64_t{1} << 30U;
constexpr std::uint64_t most_header_bytes = std::uint64_t{128} * 1024 * 1024;
constexpr std::size_t deepest_array = 64;
constexpr std::uint32_t most_dimensions = 8;  // loaders: 4, so far
constexpr std::uint64_t fewest_pair_bytes = 8 + 1 + 4 + 1;
constexpr std::uint64_t fewest_tensor_bytes = 8 + 4 + 4 + 8;

class GgufReader {
 public:
  explicit GgufReader(ByteSource& source) : size_(source.size()), in_(source) {}

  [[nodiscard]] Result<Structure> examine() {
    if (read_counts() && read_pairs() && read_tensors()) judge_data();
    if (in_.error()) return tl::unexpected<Error>(*in_.error());
    return *verdict_;
  }

 private:
  // Each step returns whether to go on; otherwise the verdict is set.
  bool stop(Structure verdict) {
    verdict_ = std::move(verdict);
    return false;
  }
  bool ends() { return stop(truncated("ends within its header")); }
  bool garbage(std::string detail) { return stop(not_the_content(std::move(detail))); }

  bool read_counts();
  bool read_pairs();
  bool read_alignment(GgufValue type);
  bool skip_value(GgufValue type);
  bool skip_string();
  bool enter_array(std::vector<std::pair<GgufValue, std::uint64_t>>& open);
  bool read_tensors();
  bool read_tensor(GgufTensor& tensor);
  bool within_budget();
  void judge_data();

  std::uint64_t size_;
  ForwardReader in_;
  std::uint64_t pairs_ = 0;
  std::uint64_t tensors_ = 0;
  std::uint64_t alignment_ = 32;
  std::optional<GgufTensors> data_;
  std::optional<Structure> verdict_;
};

bool GgufReader::read_counts() {
  constexpr std::string_view magic = "GGUF";
  std::array<char, magic.size()> begin{};
  std::uint32_t version = 0;
  if (size_ == 0) return stop(truncated("an empty file"));
  if (!in_.take(std::span(begin).first(std::min<std::size_t>(begin.size(), in_.remaining()))))
    return ends();
  if (std::string_view(begin.data(), begin.size()).substr(0, in_.position()) !=
      magic.substr(0, in_.position())) {
    return garbage("no GGUF header");
  }
  if (!in_.take_integer(version)) return ends();
  if (version == 0) return garbage("a GGUF header of version 0");
  if ((version & 0xFFFFU) == 0) return stop(cannot_tell("GGUF of the other byte order"));
  if (version == 1 || version > 3)
    return stop(cannot_tell("GGUF of version " + std::to_string(version)));
  if (!in_.take_integer(tensors_) || !in_.take_integer(pairs_)) return ends();
  if (tensors_ > largest_claim || pairs_ > largest_claim)
    return garbage("a GGUF header with impossible counts");
  if (pairs_ * fewest_pair_bytes + tensors_ * fewest_tensor_bytes > in_.remaining()) return ends();
  return true;
}

// Headers are a few megabytes, of vocabulary; a longer one is abandoned.
bool GgufReader::within_budget() {
  return in_.bytes_read() <= most_header_bytes ||
         stop(cannot_tell("a GGUF header of more than 128 MiB"));
}

bool GgufReader::read_pairs() {
  constexpr std::string_view alignment_key = "general.alignment";
  for (std::uint64_t i = 0; i < pairs_; ++i) {
    std::uint64_t length = 0;
    std::array<char, alignment_key.size()> key{};
    std::uint32_t type = 0;
    if (!in_.take_integer(length)) return ends();
    if (length == 0 || length > largest_claim)
      return garbage("a GGUF header with an impossible key");
    const bool maybe = length == key.size();
    if (maybe ? !in_.take(key) : !in_.skip(length)) return ends();
    if (!in_.take_integer(type)) return ends();
    const auto value = static_cast<GgufValue>(type);
    const bool is_alignment = maybe && std::string_view(key.data(), key.size()) == alignment_key;
    if (!within_budget() || !(is_alignment ? read_alignment(value) : skip_value(value)))
      return false;
  }
  return true;
}

bool GgufReader::read_alignment(GgufValue type) {
  std::uint32_t alignment = 0;
  if (type != GgufValue::uint32) return garbage("a GGUF header whose alignment is no number");
  if (!in_.take_integer(alignment)) return ends();
  if (alignment == 0 || (alignment & (alignment - 1)) != 0)
    return garbage("a GGUF header with a bad alignment");
  alignment_ = alignment;
  return true;
}

bool GgufReader::skip_string() {
  std::uint64_t length = 0;
  if (!in_.take_integer(length)) return ends();
  if (length > largest_claim) return garbage("a GGUF header with an impossible string");
  return in_.skip(length) || ends();
}

// Arrays may hold arrays: those being skipped are kept on a list, with their remaining elements.
bool GgufReader::skip_value(GgufValue type) {
  std::vector<std::pair<GgufValue, std::uint64_t>> open{{type, 1}};
  while (!open.empty()) {
    auto& [element, left] = open.back();
    const auto bytes = fewest_bytes(element);
    if (!bytes) return stop(cannot_tell("a GGUF header with a value of unknown type"));
    if (left == 0) {
      open.pop_back();
    } else if (element == GgufValue::array) {
      --left;
      if (!enter_array(open)) return false;
    } else if (element == GgufValue::string) {
      for (; left > 0; --left) {
        if (!skip_string() || !within_budget()) return false;
      }
    } else {
      if (!in_.skip(*bytes * left)) return ends();
      left = 0;
    }
  }
  return true;
}

bool GgufReader::enter_array(std::vector<std::pair<GgufValue, std::uint64_t>>& open) {
  std::uint32_t type = 0;
  std::uint64_t count = 0;
  if (!in_.take_integer(type) || !in_.take_integer(count)) return ends();
  if (count > largest_claim) return garbage("a GGUF header with an impossible array");
  if (open.size() > deepest_array) return garbage("a GGUF header with arrays nested too deeply");
  const auto element = static_cast<GgufValue>(type);
  if (fewest_bytes(element).value_or(0) * count > in_.remaining()) return ends();
  open.emplace_back(element, count);
  return within_budget();
}

bool GgufReader::read_tensors() {
  data_.emplace(alignment_);
  for (std::uint64_t i = 0; i < tensors_; ++i) {
    GgufTensor tensor;
    if (!read_tensor(tensor) || !within_budget()) return false;
    if (!data_->add(tensor)) return garbage("a GGUF header with a tensor of more than 2^64 bytes");
  }
  return true;
}

bool GgufReader::read_tensor(GgufTensor& tensor) {
  std::uint64_t name = 0;
  std::uint32_t dimensions = 0;
  if (!in_.take_integer(name)) return ends();
  if (name == 0 || name > largest_claim)
    return garbage("a GGUF header with an impossible tensor name");
  if (!in_.skip(name) || !in_.take_integer(dimensions)) return ends();
  if (dimensions > most_dimensions) return garbage("a GGUF header with impossible dimensions");
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    std::uint64_t length = 0;
    if (!in_.take_integer(length)) return ends();
    if (i == 0) tensor.row = length;
    if (!multiply_by(tensor.elements, length))
      return garbage("a GGUF header with impossible dimensions");
  }
  return (in_.take_integer(tensor.type) && in_.take_integer(tensor.offset)) || ends();
}

void GgufReader::judge_data() {
  if (tensors_ == 0) {
    verdict_ = sound(size_);
    return;
  }
  auto expected = (in_.position() + alignment_ - 1) & ~(alignment_ - 1);
  if (!add_to(expected, data_->proven_end())) {
    verdict_ = not_the_content("a GGUF header for more than 2^64 bytes");
  } else if (size_ < expected) {
    verdict_ = truncated("ends within its tensors",
                         data_->all_known() ? std::optional(expected) : std::nullopt);
  } else if (!data_->all_known()) {
    verdict_ = cannot_tell("GGUF with tensors of unknown type");
  } else {
    verdict_ = sound(expected);
  }
}

}  // namespace

Result<Structure> examine_gguf(ByteSource& source) {
  return GgufReader(source).examine();
}

}  // namespace hfaudit
