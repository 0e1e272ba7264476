// MessagePack, as Flax writes its parameters (flax.serialization): nested maps whose leaves are
// arrays in extension types. It has no trailer, but each value gives its own length, so the values
// are counted up to the end of the file and only their heads are read.
#include <array>
#include <optional>

#include "formats/examine.hpp"
#include "formats/forward_reader.hpp"
#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_values = 4096;
constexpr std::uint64_t most_bytes_read = std::uint64_t{32} * 1024 * 1024;

// Of one value, by its first byte: bytes of the length that follows, bytes of the payload besides,
// and the values that it contains.
struct Head {
  std::size_t length_bytes = 0;
  std::uint64_t payload = 0;
  std::uint64_t children = 0;
  std::uint64_t children_each = 0;  // of the length: 1 in an array, 2 in a map
  std::uint64_t payload_each = 0;
  bool known = true;
};

[[nodiscard]] Head head_of_byte(unsigned char byte) {
  if (byte <= 0x7F || byte >= 0xE0) return {};
  if (byte <= 0x8F) return {.children = 2ULL * (byte & 0x0FU)};
  if (byte <= 0x9F) return {.children = byte & 0x0FU};
  if (byte <= 0xBF) return {.payload = byte & 0x1FU};
  constexpr std::array<std::size_t, 3> sizes{1, 2, 4};
  if (byte >= 0xC4 && byte <= 0xC6) return {.length_bytes = sizes[byte - 0xC4U], .payload_each = 1};
  // an extension has a byte for its type
  if (byte >= 0xC7 && byte <= 0xC9)
    return {.length_bytes = sizes[byte - 0xC7U], .payload = 1, .payload_each = 1};
  if (byte >= 0xCA && byte <= 0xD3) {
    constexpr std::array<std::uint64_t, 10> bytes{4, 8, 1, 2, 4, 8, 1, 2, 4, 8};
    return {.payload = bytes[byte - 0xCAU]};
  }
  if (byte >= 0xD4 && byte <= 0xD8) return {.payload = 1 + (1ULL << (byte - 0xD4U))};
  if (byte >= 0xD9 && byte <= 0xDB) return {.length_bytes = sizes[byte - 0xD9U], .payload_each = 1};
  if (byte == 0xDC || byte == 0xDD)
    return {.length_bytes = byte == 0xDC ? 2U : 4U, .children_each = 1};
  if (byte == 0xDE || byte == 0xDF)
    return {.length_bytes = byte == 0xDE ? 2U : 4U, .children_each = 2};
  return {.known = byte != 0xC1};  // null, false, true; 0xC1 is unused
}

// Big-endian.
[[nodiscard]] bool take_length(ForwardReader& reader, std::size_t bytes, std::uint64_t& length) {
  length = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    std::uint8_t byte = 0;
    if (!reader.take_integer(byte)) return false;
    length = length << 8U | byte;
  }
  return true;
}

}  // namespace

Result<Structure> examine_msgpack(ByteSource& source) {
  ForwardReader reader(source);
  if (reader.remaining() == 0) return truncated("an empty file");
  const auto ends_early = [&]() -> Result<Structure> {
    if (reader.error()) return tl::unexpected<Error>(*reader.error());
    return truncated("its values go on behind its end");
  };
  std::uint64_t due = 1;
  for (std::uint64_t values = 0; due > 0; ++values, --due) {
    if (values >= most_values || reader.bytes_read() > most_bytes_read)
      return cannot_tell("MessagePack of many values");
    std::uint8_t byte = 0;
    if (!reader.take_integer(byte)) return ends_early();
    const auto head = head_of_byte(byte);
    const bool map = (byte >= 0x80 && byte <= 0x8F) || byte == 0xDE || byte == 0xDF;
    if (!head.known || (values == 0 && !map)) return cannot_tell("no map of MessagePack");
    std::uint64_t length = 0;
    if (!take_length(reader, head.length_bytes, length)) return ends_early();
    if (!reader.skip(head.payload + length * head.payload_each)) return ends_early();
    due += head.children + length * head.children_each;
  }
  return reader.remaining() == 0 ? sound(source.size())
                                 : cannot_tell("MessagePack that continues after its end");
}

}  // namespace hfaudit
