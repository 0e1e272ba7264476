// Data sets in columns.
//
// Parquet (parquet-format README): "PAR1", column chunks, footer, u32 length of the footer, "PAR1";
// "PARE" at the end where the footer is encrypted, and then at both ends.
// Arrow IPC file (arrow docs/source/format/Columnar.rst): "ARROW1" and two bytes, a stream, footer,
// i32 length of the footer, "ARROW1". Arrow stream: messages, each with FF FF FF FF, i32 length of
// its metadata, the metadata, its body; FF FF FF FF 00 00 00 00 at the end. datasets writes streams
// into files named .arrow. Feather V1: "FEA1" at both ends.
#include <algorithm>
#include <array>
#include <string>

#include "base/little_endian.hpp"
#include "formats/examine.hpp"
#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t parquet_tail = 8, arrow_tail = 10, stream_mark = 8;
constexpr std::uint32_t continuation = 0xFFFFFFFF;

[[nodiscard]] Structure outweighed(Structure structure) {
  structure.outweighed_by_size = true;
  return structure;
}

// Up to `bytes` at `offset`.
[[nodiscard]] Result<std::string> read_some(ByteSource& source, std::uint64_t offset,
                                            std::uint64_t bytes) {
  const auto left = source.size() - std::min(source.size(), offset);
  std::string text(static_cast<std::size_t>(std::min(bytes, left)), '\0');
  const auto got = source.read_at(offset, text);
  if (!got) return tl::unexpected<Error>(got.error());
  text.resize(*got);
  return text;
}

[[nodiscard]] Result<std::string> read_tail(ByteSource& source, std::uint64_t bytes) {
  return read_some(source, source.size() - std::min(source.size(), bytes), bytes);
}

// Where the message that begins at `begin` ends; nullopt if it is invalid.
//   metadata: a flatbuffer Message {version, header type, header, bodyLength: i64}
[[nodiscard]] Result<std::optional<std::uint64_t>> message_end(ByteSource& source,
                                                               std::uint64_t begin) {
  constexpr std::uint32_t longest_metadata = 64U * 1024 * 1024;
  constexpr std::size_t slot_of_body = 4 + 3 * 2;  // in the vtable: after its sizes, the fourth
  const auto mark = read_some(source, begin, stream_mark);
  if (!mark) return tl::unexpected<Error>(mark.error());
  if (mark->size() < stream_mark || little_endian<std::uint32_t>(mark->data()) != continuation)
    return std::nullopt;
  const auto length = little_endian<std::uint32_t>(mark->data() + 4);
  if (length == 0) return begin + stream_mark;
  if (length < 4 || length > longest_metadata) return std::nullopt;
  const auto metadata = read_some(source, begin + stream_mark, length);
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  if (metadata->size() < length) return begin + stream_mark + length;
  const auto at = [&](std::uint64_t position, std::size_t bytes) -> const char* {
    return position + bytes <= metadata->size() ? metadata->data() + position : nullptr;
  };
  const std::uint64_t root = little_endian<std::uint32_t>(metadata->data());
  const auto* table = at(root, 4);
  if (table == nullptr) return std::nullopt;
  const auto vtable = static_cast<std::int64_t>(root) - little_endian<std::int32_t>(table);
  if (vtable < 0) return std::nullopt;
  const auto start = static_cast<std::uint64_t>(vtable);
  const auto* sizes = at(start, 4);
  if (sizes == nullptr) return std::nullopt;
  std::uint64_t body = 0;
  if (little_endian<std::uint16_t>(sizes) >= slot_of_body + 2) {
    const auto* slot = at(start + slot_of_body, 2);
    if (slot == nullptr) return std::nullopt;
    const std::uint64_t field = little_endian<std::uint16_t>(slot);
    const auto* value = field == 0 ? nullptr : at(root + field, 8);
    if (field != 0 && value == nullptr) return std::nullopt;
    if (value != nullptr) body = little_endian<std::uint64_t>(value);
  }
  std::uint64_t end = begin + stream_mark + length;
  if (!add_to(end, body)) return std::nullopt;
  return end;
}

// A stream whose end mark is absent is legal if it ends with a message.
[[nodiscard]] Result<Structure> walk_stream(ByteSource& source) {
  constexpr int most_messages = 100'000;
  std::uint64_t at = 0;
  for (int i = 0; i < most_messages; ++i) {
    if (at == source.size()) return sound(at);
    if (source.size() - at < stream_mark)
      return outweighed(truncated("its Arrow stream breaks off"));
    const auto end = message_end(source, at);
    if (!end) return tl::unexpected<Error>(end.error());
    if (!*end) return cannot_tell("an Arrow stream with an unknown message");
    if (**end > source.size()) return outweighed(truncated("its Arrow stream breaks off"));
    at = **end;
  }
  return cannot_tell("an Arrow stream with too many messages");
}

[[nodiscard]] Structure judge_arrow_file(std::string_view tail, std::uint64_t size) {
  if (!tail.ends_with("ARROW1") || tail.size() < arrow_tail)
    return outweighed(truncated("no Arrow footer at its end"));
  const auto footer = little_endian<std::uint32_t>(tail.data() + tail.size() - arrow_tail);
  constexpr std::uint64_t least = 8 + arrow_tail;
  if (footer + least > size) return outweighed(truncated("its Arrow footer is not here"));
  return sound(size);
}

}  // namespace

Result<Structure> examine_parquet(ByteSource& source) {
  constexpr std::size_t magic = 4;
  const auto size = source.size();
  if (size == 0) return outweighed(truncated("an empty file"));
  const auto head = read_some(source, 0, magic);
  if (!head) return tl::unexpected<Error>(head.error());
  const auto tail = read_tail(source, parquet_tail);
  if (!tail) return tl::unexpected<Error>(tail.error());
  const bool begins = *head == "PAR1" || *head == "PARE";
  if (!begins && (head->size() == magic || !std::string_view("PAR1").starts_with(*head)))
    return outweighed(not_the_content("no Parquet file"));
  if (size < magic + parquet_tail || (!tail->ends_with("PAR1") && !tail->ends_with("PARE")))
    return outweighed(truncated("no Parquet footer at its end"));
  const auto footer = little_endian<std::uint32_t>(tail->data());
  if (footer + magic + parquet_tail > size)
    return outweighed(truncated("its Parquet footer is not here"));
  return sound(size);
}

Result<Structure> examine_arrow(ByteSource& source) {
  constexpr std::string_view end_of_stream("\xFF\xFF\xFF\xFF\0\0\0\0", 8);
  const auto size = source.size();
  if (size == 0) return outweighed(truncated("an empty file"));
  const auto head = read_some(source, 0, stream_mark);
  if (!head) return tl::unexpected<Error>(head.error());
  const auto tail = read_tail(source, arrow_tail);
  if (!tail) return tl::unexpected<Error>(tail.error());
  if (head->starts_with("ARROW1")) return judge_arrow_file(*tail, size);
  if (head->starts_with("FEA1")) {
    if (tail->ends_with("FEA1")) return sound(size);
    return outweighed(truncated("no Feather footer at its end"));
  }
  const bool stream =
      head->size() == stream_mark && little_endian<std::uint32_t>(head->data()) == continuation;
  if (!stream) return cannot_tell("no known form of Arrow");
  return tail->ends_with(end_of_stream) ? Result<Structure>(sound(size)) : walk_stream(source);
}

}  // namespace hfaudit
