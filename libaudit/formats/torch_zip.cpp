// A PyTorch checkpoint is a zip archive since 1.6 (before: a pickle, without its size). A zip ends
// in its directory, and an end record with the position of the directory; a file that was cut off
// has lost both.
//   … local files … directory, [zip64 record, zip64 locator,] end record, comment
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/little_endian.hpp"
#include "formats/examine.hpp"
#include "formats/judgement.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view local_file = "PK\3\4";
constexpr std::string_view directory_entry = "PK\1\2";
constexpr std::string_view end_record = "PK\5\6";
constexpr std::string_view zip64_record = "PK\6\6";
constexpr std::string_view zip64_locator = "PK\6\7";
constexpr std::size_t end_record_bytes = 22;
constexpr std::size_t zip64_record_bytes = 56;
constexpr std::size_t zip64_locator_bytes = 20;
constexpr std::size_t usual_tail = 4 * 1024;
constexpr std::size_t longest_tail = 65'535 + end_record_bytes + zip64_locator_bytes;

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

// Reads exactly `bytes` at `offset`; empty where the file ends earlier.
[[nodiscard]] Result<std::vector<char>> read_exactly(ByteSource& source, std::uint64_t offset,
                                                     std::size_t bytes) {
  std::vector<char> buffer;
  if (offset > source.size() || bytes > source.size() - offset) return buffer;
  buffer.resize(bytes);
  const auto got = source.read_at(offset, buffer);
  if (!got) return tl::unexpected<Error>(got.error());
  if (*got != bytes) buffer.clear();
  return buffer;
}

// nullopt without a zip64 record in front of the end record at `end`.
[[nodiscard]] Result<std::optional<Directory>> read_zip64(ByteSource& source, std::uint64_t end) {
  if (end < zip64_locator_bytes) return std::nullopt;
  const auto locator = read_exactly(source, end - zip64_locator_bytes, zip64_locator_bytes);
  if (!locator) return tl::unexpected<Error>(locator.error());
  if (!std::string_view(locator->data(), locator->size()).starts_with(zip64_locator))
    return std::nullopt;
  const auto offset = little_endian<std::uint64_t>(locator->data() + 8);
  const auto record = read_exactly(source, offset, zip64_record_bytes);
  if (!record) return tl::unexpected<Error>(record.error());
  if (!std::string_view(record->data(), record->size()).starts_with(zip64_record))
    return std::nullopt;
  return Directory{little_endian<std::uint64_t>(record->data() + 48),
                   little_endian<std::uint64_t>(record->data() + 40),
                   little_endian<std::uint64_t>(record->data() + 32)};
}

// Whether the end record `record`, found at `end`, leads to a directory in front of it.
[[nodiscard]] Result<bool> leads_to_directory(ByteSource& source, const char* record,
                                              std::uint64_t end) {
  Directory directory{little_endian<std::uint32_t>(record + 16),
                      little_endian<std::uint32_t>(record + 12),
                      little_endian<std::uint16_t>(record + 10)};
  if (directory.offset == 0xFFFFFFFF || directory.bytes == 0xFFFFFFFF ||
      directory.entries == 0xFFFF) {
    const auto zip64 = read_zip64(source, end);
    if (!zip64) return tl::unexpected<Error>(zip64.error());
    if (*zip64) directory = **zip64;
  }
  auto directory_end = directory.offset;
  if (!add_to(directory_end, directory.bytes) || directory_end > end) return false;
  if (directory.entries == 0) return true;
  const auto entry = read_exactly(source, directory.offset, directory_entry.size());
  if (!entry) return tl::unexpected<Error>(entry.error());
  return std::string_view(entry->data(), entry->size()) == directory_entry;
}

// Looks for an end record in the last `bytes` of the file. Bytes of the payload may look like one,
// so each is tried.
[[nodiscard]] Result<bool> has_end(ByteSource& source, std::size_t bytes) {
  constexpr int most_candidates = 64;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, source.size()));
  const auto tail = read_exactly(source, source.size() - count, count);
  if (!tail) return tl::unexpected<Error>(tail.error());
  if (tail->size() < end_record_bytes) return false;
  const std::string_view text(tail->data(), tail->size());
  auto at = text.rfind(end_record, text.size() - end_record_bytes);
  for (int tried = 0; at != std::string_view::npos && tried < most_candidates; ++tried) {
    const auto found = leads_to_directory(source, text.data() + at, source.size() - count + at);
    if (!found || *found) return found;
    at = at == 0 ? std::string_view::npos : text.rfind(end_record, at - 1);
  }
  return false;
}

}  // namespace

Result<Structure> examine_torch(ByteSource& source) {
  std::array<char, local_file.size()> begin{};
  const auto got = source.read_at(0, begin);
  if (!got) return tl::unexpected<Error>(got.error());
  if (*got == 0) return truncated("an empty file");
  if (std::string_view(begin.data(), *got) != local_file) return cannot_tell("not a zip archive");
  for (const auto tail : {usual_tail, longest_tail}) {
    const auto found = has_end(source, tail);
    if (!found) return tl::unexpected<Error>(found.error());
    if (*found) return sound(source.size());
    if (source.size() <= tail) break;
  }
  return truncated("no zip directory at its end");
}

}  // namespace hfaudit
