// Pieces of a file that arrived before their turn, kept beside its partial file:
// `<etag>.hfaudit.pieces`.
//
// The partial file stays a prefix of the content, which every hfaudit takes it for. The pieces lie
// in slots of one size, so that the file keeps its bounds however long the download takes:
//
//   slot:    a page with the header, then up to 1 MiB of content
//   header:  "hfpiece1", then as u64 LE: size of the whole content, offset and length of the piece,
//            checksum of the piece, checksum of the header before it; zeros
//
// A slot is written anew once the partial file has passed its piece: content first, so that a slot
// that was cut off fails its check. The content of a slot is a guess, as all of a partial is: the
// digest of the whole decides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "download/buffers.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit {

struct EarlyPiece {
  std::uint64_t offset = 0;  // in the whole content
  Chunk chunk;

  [[nodiscard]] std::uint64_t end() const { return offset + chunk.length; }
};

class PieceFile {
 public:
  static constexpr std::size_t most_slots = 192;
  static constexpr std::size_t slot_bytes = Chunk::page + Chunk::capacity;

  // `fd` is borrowed, open for reading and writing; `size`: of the whole content.
  PieceFile(int fd, std::uint64_t size) : fd_(fd), size_(size) {}

  // The sound pieces that end behind `from`, by offset, without overlaps, cut to begin there at the
  // earliest.
  [[nodiscard]] std::vector<EarlyPiece> load(std::uint64_t from, Buffers& buffers);
  // Keeps a piece; data before `passed` may be overwritten. false: the slots or the disk are full,
  // or the write failed.
  [[nodiscard]] bool save(std::uint64_t offset, std::span<const char> bytes, std::uint64_t passed);

 private:
  struct Slot {
    std::uint64_t end = 0;  // of its piece; 0: free
  };
  [[nodiscard]] bool read_slot(std::size_t number, EarlyPiece& into);

  int fd_;
  std::uint64_t size_;
  std::vector<Slot> slots_;
};

}  // namespace hfaudit
