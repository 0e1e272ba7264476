#include "download/piece_file.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "os/partial_io.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view piece_magic = "hfpiece1";
constexpr std::size_t word_bytes = 8, header_words = 6;  // with the piece_magic
constexpr std::size_t checked_bytes = (header_words - 1) * word_bytes;
using PieceHeader = std::array<char, Chunk::page>;

void put_word(PieceHeader& header, std::size_t number, std::uint64_t value) {
  for (std::size_t i = 0; i < word_bytes; ++i, value >>= 8U)
    header.at(number * word_bytes + i) = static_cast<char>(value & 0xffU);
}

std::uint64_t get_word(const PieceHeader& header, std::size_t number) {
  std::uint64_t value = 0;
  for (std::size_t i = word_bytes; i-- > 0;)
    value = value << 8U | static_cast<unsigned char>(header.at(number * word_bytes + i));
  return value;
}

// Distinguishes a slot that was cut off from a whole one, many times as fast as CRC-32C. Only the
// digest of the whole protects against intent.
std::uint64_t checksum_of(std::span<const char> bytes) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;
  std::uint64_t sum = bytes.size() * odd;
  for (; bytes.size() >= word_bytes; bytes = bytes.subspan(word_bytes)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), word_bytes);
    sum = std::rotl((sum ^ word) * odd, 29);
  }
  for (const char byte : bytes)
    sum = std::rotl((sum ^ static_cast<unsigned char>(byte)) * odd, 29);
  return sum;
}

}  // namespace

bool PieceFile::read_slot(std::size_t number, EarlyPiece& into) {
  const auto begin = std::uint64_t{number} * slot_bytes;
  PieceHeader header{};
  const auto got = os::read_at(fd_, begin, header);
  if (!got || *got != header.size() ||
      std::memcmp(header.data(), piece_magic.data(), word_bytes) != 0)
    return false;
  if (get_word(header, header_words - 1) != checksum_of(std::span(header).first(checked_bytes)))
    return false;
  const auto offset = get_word(header, 2), length = get_word(header, 3);
  const bool inside = get_word(header, 1) == size_ && length != 0 && length <= Chunk::capacity &&
                      offset < size_ && length <= size_ - offset;
  if (!inside) return false;
  const std::span<char> room = into.chunk.room().first(static_cast<std::size_t>(length));
  const auto read = os::read_at(fd_, begin + Chunk::page, room);
  if (!read || *read != room.size() || checksum_of(room) != get_word(header, 4)) return false;
  into.offset = offset;
  into.chunk.length = room.size();
  into.chunk.origin = ChunkOrigin::restored;
  return true;
}

std::vector<EarlyPiece> PieceFile::load(std::uint64_t from, Buffers& buffers) {
  std::vector<EarlyPiece> found;
  slots_.assign(most_slots, {});
  for (std::size_t number = 0; number < most_slots; ++number) {
    EarlyPiece piece{0, buffers.take()};
    if (read_slot(number, piece) && piece.end() > from) {
      slots_[number].end = piece.end();
      found.push_back(std::move(piece));
    } else {
      buffers.give(std::move(piece.chunk));
    }
  }
  std::sort(found.begin(), found.end(), [](const EarlyPiece& a, const EarlyPiece& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.end() > b.end();
  });
  std::vector<EarlyPiece> pieces;
  for (auto& piece : found) {
    if (piece.end() <= from) {
      buffers.give(std::move(piece.chunk));
      continue;
    }
    if (piece.offset < from) {
      const auto cut = static_cast<std::size_t>(from - piece.offset);
      piece.chunk.length -= cut;
      std::memmove(piece.chunk.memory.get(), piece.chunk.memory.get() + cut, piece.chunk.length);
      piece.offset = from;
    }
    from = piece.end();
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

bool PieceFile::save(std::uint64_t offset, std::span<const char> bytes, std::uint64_t passed) {
  if (bytes.empty() || bytes.size() > Chunk::capacity) return false;
  auto slot = std::find_if(slots_.begin(), slots_.end(),
                           [&](const Slot& one) { return one.end <= passed; });
  if (slot == slots_.end()) {
    if (slots_.size() == most_slots) return false;
    slot = slots_.insert(slots_.end(), Slot{});
  }
  const auto begin = static_cast<std::uint64_t>(slot - slots_.begin()) * slot_bytes;
  PieceHeader header{};
  std::memcpy(header.data(), piece_magic.data(), word_bytes);
  put_word(header, 1, size_);
  put_word(header, 2, offset);
  put_word(header, 3, bytes.size());
  put_word(header, 4, checksum_of(bytes));
  put_word(header, header_words - 1, checksum_of(std::span(header).first(checked_bytes)));
  std::size_t written = 0;
  slot->end = 0;
  if (!os::write_at(fd_, begin + Chunk::page, bytes, written)) return false;
  if (!os::write_at(fd_, begin, header, written)) return false;
  slot->end = offset + bytes.size();
  return true;
}

}  // namespace hfaudit
