// Pieces of one file that arrived before their turn, on their way to the file of pieces and back
// (download/piece_file). They save time in the next run; a piece that cannot be kept is downloaded
// again.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "download/partial_file.hpp"
#include "download/piece_file.hpp"

namespace hfaudit {

// The engine adds pieces and takes the restored ones; the rest is for the thread of the writer.
class EarlyPieces {
 public:
  // `size`: of the whole content.
  EarlyPieces(std::uint64_t size, Buffers& buffers) : size_(size), buffers_(buffers) {}

  void keep(EarlyPiece piece);
  [[nodiscard]] std::uint64_t keeping() const { return keeping_; }  // bytes that save() will write
  [[nodiscard]] std::vector<EarlyPiece> take_restored();

  // Pieces of an earlier run behind `from` become those of take_restored(). Whether there are any.
  [[nodiscard]] bool load(PartialFile& partial_file, std::uint64_t from);
  // Writes the pieces of keep(); data before `passed` may be overwritten.
  void save(PartialFile& partial_file, std::uint64_t passed);
  // Bytes that save() wrote, of pieces at or behind `from`.
  [[nodiscard]] std::uint64_t saved_from(std::uint64_t from) const;
  // The pieces are wrong or useless: their memory is released, and saved_from() is 0.
  void drop();

 private:
  [[nodiscard]] std::optional<EarlyPiece> next();
  [[nodiscard]] bool open_file(PartialFile& partial_file);

  const std::uint64_t size_;
  Buffers& buffers_;
  std::mutex mutex_;
  std::deque<EarlyPiece> waiting_;
  std::vector<EarlyPiece> restored_;
  std::atomic<std::uint64_t> keeping_{0};
  std::optional<PieceFile> file_;
  bool refused_ = false;
  std::vector<std::pair<std::uint64_t, std::size_t>> saved_;  // offset, bytes
};

}  // namespace hfaudit
