#include "download/early_pieces.hpp"

namespace hfaudit {

void EarlyPieces::keep(EarlyPiece piece) {
  const std::scoped_lock lock(mutex_);
  keeping_ += piece.chunk.length;
  waiting_.push_back(std::move(piece));
}

std::vector<EarlyPiece> EarlyPieces::take_restored() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(restored_, {});
}

bool EarlyPieces::load(PartialFile& partial_file, std::uint64_t from) {
  const auto fd = partial_file.pieces(MissingPieces::fail);
  if (!fd) return false;
  file_.emplace(*fd, size_);
  auto found = file_->load(from, buffers_);
  const std::scoped_lock lock(mutex_);
  restored_ = std::move(found);
  return !restored_.empty();
}

std::optional<EarlyPiece> EarlyPieces::next() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  auto piece = std::move(waiting_.front());
  waiting_.pop_front();
  return piece;
}

bool EarlyPieces::open_file(PartialFile& partial_file) {
  if (file_ || refused_) return file_.has_value();
  const auto fd = partial_file.pieces(MissingPieces::create);
  refused_ = !fd;
  if (fd) file_.emplace(*fd, size_);
  return file_.has_value();
}

void EarlyPieces::save(PartialFile& partial_file, std::uint64_t passed) {
  while (auto piece = next()) {
    auto& chunk = piece->chunk;
    if (open_file(partial_file) && file_->save(piece->offset, chunk.bytes(), passed))
      saved_.emplace_back(piece->offset, chunk.length);
    keeping_ -= chunk.length;
    buffers_.give(std::move(chunk));
  }
}

std::uint64_t EarlyPieces::saved_from(std::uint64_t from) const {
  std::uint64_t bytes = 0;
  for (const auto& [offset, length] : saved_) {
    if (offset >= from) bytes += length;
  }
  return bytes;
}

void EarlyPieces::drop() {
  for (auto& piece : take_restored())
    buffers_.give(std::move(piece.chunk));
  while (auto piece = next()) {
    keeping_ -= piece->chunk.length;
    buffers_.give(std::move(piece->chunk));
  }
  file_.reset();
  saved_.clear();
}

}  // namespace hfaudit
