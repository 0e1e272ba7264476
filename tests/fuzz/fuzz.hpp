// What the fuzzers have in common. Each checks, beside that nothing crashes, what its reader
// promises of every input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/byte_source.hpp"
#include "formats/examine.hpp"

namespace hfaudit::fuzz {

// A promise; breaking it is a crash to the fuzzer.
inline void require(bool kept) {
  if (!kept) std::abort();
}

// What a fuzzer does with an input; one in each fuzz_<name>.cpp.
void try_input(std::string_view input);

// `bytes`, followed by zeros up to `size`: a file as large as a header may claim, without its
// bytes.
class SparseSource final : public ByteSource {
 public:
  SparseSource(std::string_view bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset >= size_) return 0;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    const auto known = bytes_.substr(
        static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size())), count);
    std::copy(known.begin(), known.end(), into.begin());
    std::fill_n(into.begin() + static_cast<std::ptrdiff_t>(known.size()), count - known.size(),
                '\0');
    return count;
  }

 private:
  std::string_view bytes_;
  std::uint64_t size_;
};

// The first byte of an input says how much larger than the rest the file is: not at all (up to
// 191), or by up to 1 MiB.
[[nodiscard]] inline std::uint64_t claimed_size(std::string_view input) {
  constexpr unsigned plain = 192;
  constexpr unsigned shifts = 21;
  const auto selector = static_cast<unsigned char>(input.front());
  const std::uint64_t size = input.size() - 1;
  return selector < plain ? size : size + (std::uint64_t{1} << (selector - plain) % shifts);
}

// What a structure says of sizes is true.
inline void check_sizes(const Structure& structure, std::uint64_t size) {
  const auto expected = structure.expected_size;
  if (structure.state == StructureState::sound) require(expected && *expected <= size);
  if (structure.state == StructureState::truncated) require(!expected || *expected > size);
  if (structure.state == StructureState::oversized) require(expected && *expected < size);
  if (structure.state != StructureState::sound) require(!structure.detail.empty());
}

using Examine = Result<Structure> (*)(ByteSource&);

// Runs `examine` on an input whose first byte is its claimed size; what is sound is no longer so
// without its last byte, where `exact` says that the format knows its size to the byte.
inline void check_reader(Examine examine, std::string_view input, bool exact) {
  if (input.empty()) return;
  const auto size = claimed_size(input);
  SparseSource source(input.substr(1), size);
  const auto structure = examine(source);
  require(structure.has_value());
  check_sizes(*structure, size);
  if (!exact || structure->state != StructureState::sound) return;
  SparseSource shorter(input.substr(1), size - 1);
  const auto cut = examine(shorter);
  require(cut && cut->state == StructureState::truncated);
}

}  // namespace hfaudit::fuzz
