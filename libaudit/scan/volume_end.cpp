// Whether the last of the volumes that are here is the last of all, by what formats say of it:
//
//   x.7z.001    7-Zip DOC/7zFormat.txt, SignatureHeader: StartHeaderCRC at 8, NextHeaderOffset at
//               12, NextHeaderSize at 20; the archive ends with that header
//   x.zip.001   APPNOTE.TXT 4.3.16: the end of the central directory, PK\5\6
//   x.tar.000   POSIX ustar: blocks of zeros end it
//   x.tar.xz.aa xz-file-format.txt 2.1.2.4: the footer ends with YZ
//   x.part1.rar rarlab.com/technote.htm, end of archive header: type 5, and bit 0 of its flags
//               where another volume follows; before RAR 5 type 0x7B, with the same bit
//
// gzip, bzip2 and zstd say nothing of the kind.
#include "scan/volume_end.hpp"

#include <algorithm>
#include <array>

#include "base/checksum.hpp"
#include "base/little_endian.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] std::string read_piece_of(ByteSource& source, std::uint64_t at, std::size_t bytes) {
  if (at >= source.size()) return {};
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, source.size() - at)),
                   '\0');
  text.resize(source.read_at(at, text).value_or(0));
  return text;
}

[[nodiscard]] std::string tail_of(ByteSource& source, std::size_t bytes) {
  return read_piece_of(source, source.size() - std::min<std::uint64_t>(bytes, source.size()),
                       bytes);
}

[[nodiscard]] bool is_seven_zip_cut(ByteSource& first, std::uint64_t total) {
  constexpr std::size_t header = 32;
  const auto head = read_piece_of(first, 0, header);
  if (head.size() < header || !head.starts_with("7z\xBC\xAF\x27\x1C")) return false;
  if (little_endian<std::uint32_t>(head.data() + 8) != crc32(std::string_view(head).substr(12)))
    return false;
  const auto offset = little_endian<std::uint64_t>(head.data() + 12);
  const auto size = little_endian<std::uint64_t>(head.data() + 20);
  return total - std::min<std::uint64_t>(total, header) < offset || total - header - offset < size;
}

[[nodiscard]] bool is_zip_cut(ByteSource& first, ByteSource& last) {
  constexpr std::size_t longest_end = 65'557, shortest_end = 22;
  if (last.size() < shortest_end) return false;  // the record began in the piece before
  const auto head = read_piece_of(first, 0, 4);
  return (head == "PK\3\4" || head == "PK\7\10") &&
         tail_of(last, longest_end).find("PK\5\6") == std::string::npos;
}

[[nodiscard]] bool is_tar_cut(ByteSource& first, ByteSource& last) {
  constexpr std::size_t block = 512, magic_at = 257;
  const auto head = read_piece_of(first, 0, block);
  if (head.size() < block || std::string_view(head).substr(magic_at, 5) != "ustar") return false;
  const auto tail = tail_of(last, block);
  return std::any_of(tail.begin(), tail.end(), [](char c) { return c != '\0'; });
}

[[nodiscard]] bool is_xz_cut(ByteSource& first, ByteSource& last) {
  using namespace std::string_view_literals;
  if (last.size() < 2) return false;
  return read_piece_of(first, 0, 6) ==
             "\xFD"
             "7zXZ\0"sv &&
         !tail_of(last, 2).ends_with("YZ");
}

[[nodiscard]] bool is_rar_cut(ByteSource& last) {
  constexpr std::size_t longest_end = 24, fewest = 7;
  if (!read_piece_of(last, 0, 6).starts_with("Rar!\x1A\x07")) return false;
  const auto tail = tail_of(last, longest_end);
  if (tail.ends_with("\3\5\4\1")) return true;
  for (std::size_t at = 2; at + 5 <= tail.size(); ++at) {
    const auto size = little_endian<std::uint16_t>(tail.data() + at + 3);
    const bool ends = tail[at] == '\x7B' && size >= fewest && at - 2 + size == tail.size();
    if (ends) return (tail[at + 1] & 1) != 0;
  }
  return false;
}

}  // namespace

bool another_volume_follows(const std::string& format, ByteSource& first, ByteSource& last,
                            std::uint64_t total) {
  if (format == ".7z") return is_seven_zip_cut(first, total);
  if (format == ".zip") return is_zip_cut(first, last);
  if (format == ".tar") return is_tar_cut(first, last);
  if (format == ".xz") return is_xz_cut(first, last);
  return format == ".rar" && is_rar_cut(last);
}

std::uint32_t numbered_volumes_of_zip(ByteSource& main) {
  constexpr std::size_t record = 22;
  const auto tail = tail_of(main, record);
  if (tail.size() < record || !tail.starts_with("PK\5\6")) return 0;
  const auto disk = little_endian<std::uint16_t>(tail.data() + 4);
  constexpr std::uint16_t zip64 = 0xFFFF;
  return disk == zip64 ? 0 : disk;
}

}  // namespace hfaudit
