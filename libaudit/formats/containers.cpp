// Files that hold their own length, one reader each.
//
// tar (POSIX ustar): blocks of 512 bytes; a header has the size of the member in octal at 124 and
// "ustar" at 257; two blocks of zeros end it. NeMo's .nemo is a tar, with or without gzip.
// HDF5 (HDF5 file format specification, superblock): the address of the end of the file.
// ONNX (onnx/onnx.proto): protobuf's fields, of which the graph (7) is nearly all.
#include <algorithm>
#include <array>
#include <string>

#include "base/little_endian.hpp"
#include "base/wire_reader.hpp"
#include "formats/examine.hpp"
#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t tar_block = 512;
constexpr std::uint64_t tar_record = 20 * tar_block;  // the length of an archive of nothing

[[nodiscard]] Structure unless_listed(Structure structure) {
  structure.outweighed_by_size = true;
  return structure;
}

[[nodiscard]] std::optional<std::uint64_t> octal(std::string_view text) {
  std::uint64_t number = 0;
  bool any = false;
  for (const char c : text) {
    if (c == ' ' || c == '\0') {
      if (any) break;
      continue;
    }
    if (c < '0' || c > '7') return std::nullopt;
    number = number * 8 + static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  return any ? std::optional(number) : std::nullopt;
}

// The field of `model` is as onnx.proto has it.
[[nodiscard]] bool is_onnx_field(const WireTag& tag) {
  switch (tag.field) {
    case 1:  // ir_version
    case 5:  // model_version
      return tag.wire == 0;
    case 2:
    case 3:
    case 4:
    case 6:
    case 7:  // graph
    case 8:
    case 14:
    case 20:
    case 25:
    case 26:
      return tag.wire == 2;
    default:
      return false;
  }
}

}  // namespace

Result<Structure> examine_tar(ByteSource& source) {
  constexpr int most_members = 10'000;
  constexpr std::size_t size_at = 124, size_digits = 12, magic_at = 257;
  const auto size = source.size();
  if (size == 0) return unless_listed(truncated("an empty file"));
  std::uint64_t at = 0;
  for (int i = 0; i < most_members; ++i) {
    std::array<char, tar_block> block{};
    const auto got = source.read_at(at, block);
    if (!got) return tl::unexpected<Error>(got.error());
    const std::string_view header(block.data(), *got);
    if (header.size() < tar_block) {
      if (i == 0) return cannot_tell("no tar archive");
      return unless_listed(truncated("its tar archive breaks off"));
    }
    if (std::all_of(header.begin(), header.end(), [](char c) { return c == '\0'; })) {
      if (i == 0 && size > tar_record) return not_the_content("zeros");
      return sound(size);
    }
    const auto member = octal(header.substr(size_at, size_digits));
    if (header.substr(magic_at, 5) != "ustar" || !member)
      return cannot_tell("no tar archive that this reader knows");
    if (i == 0) {
      // Blocks of zeros end it: the members, of which a data set has very many, need no visit.
      if (size % tar_block != 0) return unless_listed(truncated("its tar archive breaks off"));
      std::array<char, tar_block> last{};
      const auto tail = source.read_at(size - tar_block, last);
      if (!tail) return tl::unexpected<Error>(tail.error());
      if (size > tar_block &&
          std::all_of(last.begin(), last.end(), [](char c) { return c == '\0'; }))
        return sound(size);
    }
    // rounded up to whole blocks
    auto end = at + tar_block;
    if (!add_to(end, *member) || !add_to(end, tar_block - 1))
      return cannot_tell("a tar archive with a member of more than 2^64 bytes");
    end -= end % tar_block;
    if (end > size) return unless_listed(truncated("its tar archive breaks off"));
    if (end == size) return cannot_tell("a tar archive without its end");
    at = end;
  }
  return cannot_tell("a tar archive of very many members");
}

Result<Structure> examine_hdf5(ByteSource& source) {
  constexpr std::string_view signature("\x89HDF\r\n\x1A\n", 8);
  constexpr std::size_t superblock = 64;
  const auto size = source.size();
  if (size == 0) return unless_listed(truncated("an empty file"));
  std::array<char, superblock> head{};
  const auto got = source.read_at(0, head);
  if (!got) return tl::unexpected<Error>(got.error());
  const std::string_view text(head.data(), *got);
  if (!text.starts_with(signature)) return cannot_tell("no HDF5 superblock at its beginning");
  if (text.size() < superblock) return unless_listed(truncated("ends within its header"));
  const auto version = static_cast<unsigned char>(head[8]);
  const bool old = version <= 1;
  const auto address_bytes = static_cast<unsigned char>(head[old ? 13 : 9]);
  if (version > 3 || address_bytes != 8) return cannot_tell("an unknown form of HDF5");
  const std::size_t base_at = version == 0 ? 24 : version == 1 ? 28 : 12;
  const auto base = little_endian<std::uint64_t>(head.data() + base_at);
  const auto end = little_endian<std::uint64_t>(head.data() + base_at + 16);
  if (base != 0) return cannot_tell("HDF5 behind other data");
  if (end > size) return unless_listed(truncated("ends within its data", end));
  return sound(size);
}

Result<Structure> examine_onnx(ByteSource& source) {
  constexpr int most_fields = 10'000;
  WireReader in(source);
  const auto size = source.size();
  if (size == 0) return unless_listed(truncated("an empty file"));
  std::uint64_t graph_end = 0;
  for (int i = 0; i < most_fields && in.position() < size; ++i) {
    WireTag tag;
    std::uint64_t value = 0;
    const auto begin = in.position();
    const bool known = in.take_tag(tag) && is_onnx_field(tag);
    if (in.error()) return tl::unexpected<Error>(*in.error());
    if (!known) return cannot_tell(begin == 0 ? "no ONNX model" : "ONNX with an unknown field");
    if (!in.take_varint(value)) {
      if (in.error()) return tl::unexpected<Error>(*in.error());
      return i == 0 ? cannot_tell("no ONNX model")
                    : unless_listed(truncated("ends within its fields"));
    }
    if (tag.wire != 2 || in.skip(value)) continue;
    // The first field of a model is its version: other beginnings are no evidence.
    if (i == 0) return cannot_tell("no ONNX model");
    graph_end = in.position();
    if (!add_to(graph_end, value)) return cannot_tell("ONNX with a field of more than 2^64 bytes");
    return unless_listed(truncated("ends within its graph", graph_end));
  }
  return sound(size);
}

}  // namespace hfaudit
