// A safetensors file (safetensors/src/tensor.rs): u64 little-endian N, N bytes of JSON, the data,
// which ends the file. The header says where the data ends, so the size of the whole file is known
// from its beginning.
#include <algorithm>
#include <array>

#include "base/little_endian.hpp"
#include "base/text.hpp"
#include "formats/examine.hpp"
#include "formats/judgement.hpp"
#include "formats/safetensors_header.hpp"
#include "json/reader.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t prefix_bytes = 8;
constexpr std::uint64_t longest_header = 100'000'000;  // MAX_HEADER_SIZE

[[nodiscard]] Structure compare_sizes(std::uint64_t actual, std::uint64_t expected) {
  if (actual == expected) return sound(expected);
  if (actual < expected) return truncated("ends within its tensors", expected);
  return {StructureState::oversized, expected, {}, "goes on after its last tensor"};
}

[[nodiscard]] Result<Structure> examine_header(ByteSource& source, std::uint64_t length) {
  SafetensorsHeader header;
  const auto end = read_json(source, prefix_bytes, length, header);
  if (!end) return tl::unexpected<Error>(end.error());
  if (!header.complaint().empty())
    return not_the_content("a header with " + std::string(header.complaint()));
  if (*end == JsonEnd::too_long) return cannot_tell("a header with a string of more than 16 MiB");
  if (*end != JsonEnd::complete)
    return not_the_content("a header that is " + std::string(describe(*end)));
  const auto data = header.data_end();
  if (!data) return not_the_content("a header with " + std::string(header.complaint()));
  auto expected = prefix_bytes + length;
  if (!add_to(expected, *data)) return not_the_content("a header for more than 2^64 bytes");
  return compare_sizes(source.size(), expected);
}

}  // namespace

Result<Structure> examine_safetensors(ByteSource& source) {
  std::array<char, prefix_bytes + 1> prefix{};
  const auto got = source.read_at(0, prefix);
  if (!got) return tl::unexpected<Error>(got.error());
  if (*got == 0) return truncated("an empty file");
  if (*got < prefix_bytes) return truncated("ends within its first 8 bytes");
  const auto length = little_endian<std::uint64_t>(prefix.data());
  if (length > longest_header)
    return not_the_content("a header of " + std::to_string(length) + " bytes");
  if (length < 2) return not_the_content("an empty header");
  // Before its size is checked: a file with another beginning is of another format, whole or cut
  // off.
  if (*got > prefix_bytes && prefix.back() != '{' && !is_space(prefix.back())) {
    return not_the_content("no JSON where its header should be");
  }
  if (length > source.size() - std::min(source.size(), prefix_bytes))
    return truncated("ends within its header");
  return examine_header(source, length);
}

}  // namespace hfaudit
